"""What mem0 noted of a memory in its `history.db`: read without mem0, and told of what is done without it.

The table is that of `SQLiteManager` in mem0 2.2.1 (`mem0/memory/storage.py`). It names no user: whose a memory was that
is gone, nobody can tell.
"""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.evidence.fact import Fact
from showcase.memory.store_errors import PATIENCE_S, as_store_error
from showcase.memory.store_files import HISTORY, reading
from showcase.memory.stored import now

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from showcase.memory.stored import Stored
    from showcase.settings.store_place import StorePlace

FIELDS = (
    "id", "memory_id", "old_memory", "new_memory", "event", "created_at", "updated_at", "is_deleted", "actor_id",
    "role",
)  # fmt: skip

_PIECE = 500

_TABLE = """
CREATE TABLE IF NOT EXISTS history (
    id           TEXT PRIMARY KEY,
    memory_id    TEXT,
    old_memory   TEXT,
    new_memory   TEXT,
    event        TEXT,
    created_at   DATETIME,
    updated_at   DATETIME,
    is_deleted   INTEGER,
    actor_id     TEXT,
    role         TEXT
)
"""
"""As mem0 makes it: where the columns are others, it makes the table anew."""

_COLUMNS = ", ".join(FIELDS)
_MARKS = ", ".join("?" * len(FIELDS))
_INSERT = f"INSERT OR IGNORE INTO history ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 - names of ours, and marks


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent(Fact):
    """A line of the history: mem0's own fields, of which `event` is ADD, UPDATE or DELETE."""

    id: str
    memory_id: str
    old_memory: str | None = None
    new_memory: str | None = None
    event: str
    created_at: str | None = None
    updated_at: str | None = None
    is_deleted: int = 0
    actor_id: str | None = None
    role: str | None = None


def path_of(place: StorePlace) -> Path:
    """Return where mem0 keeps the history of a store."""
    return place.home / HISTORY


def events(place: StorePlace, ids: Sequence[str]) -> dict[str, tuple[HistoryEvent, ...]]:
    """Return what happened to memories, by their ids, oldest first; nothing where there is no history.

    Raises:
        StoreError: It cannot be read.
    """
    found: dict[str, list[HistoryEvent]] = {}
    for begin in range(0, len(ids), _PIECE):
        piece = ids[begin : begin + _PIECE]
        # The order in which they were written: mem0's own, by the time of the first, is not one.
        asked = f"SELECT {_COLUMNS} FROM history WHERE memory_id IN ({', '.join('?' * len(piece))}) ORDER BY rowid"  # noqa: S608 - names of ours, and marks
        for row in _read(place, asked, piece):
            event = _event(row)
            found.setdefault(event.memory_id, []).append(event)
    return {each: tuple(some) for each, some in found.items()}


def everything(place: StorePlace) -> tuple[HistoryEvent, ...]:
    """Return all events, oldest first; nothing where there is no history.

    Raises:
        StoreError: It cannot be read.
    """
    return tuple(_event(row) for row in _read(place, f"SELECT {_COLUMNS} FROM history ORDER BY rowid", ()))  # noqa: S608 - names of ours


def last_life(some: Sequence[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """Return the events of a memory that is there: those after it was last deleted.

    An id may come back, as one that is made of the text does; what was before was forgotten.
    """
    begin = max((at + 1 for at, event in enumerate(some) if event.event == "DELETE"), default=0)
    return tuple(some[begin:])


def known(place: StorePlace, prefix: str) -> tuple[str, ...]:
    """Return the ids that begin so of all memories of which there is a history.

    Raises:
        StoreError: It cannot be read.
    """
    asked = "SELECT DISTINCT memory_id FROM history WHERE substr(memory_id, 1, ?) = ?"
    return tuple(str(each) for (each,) in _read(place, asked, (len(prefix), prefix)))


def note_deleted(place: StorePlace, rows: Iterable[Stored]) -> None:
    """Note that rows were deleted, as mem0 does, where it keeps a history.

    Raises:
        StoreError: It cannot be written.
    """
    if path_of(place).is_file():
        at = now()
        _write(
            place,
            [
                HistoryEvent(
                    id=str(uuid.uuid4()),
                    memory_id=row.memory_id,
                    old_memory=row.text,
                    event="DELETE",
                    created_at=row.created_at,
                    updated_at=at,
                    is_deleted=1,
                    actor_id=_word(row.metadata.get("actor_id")),
                    role=_word(row.metadata.get("role")),
                )
                for row in rows
            ],
        )


def keep(place: StorePlace, some: Sequence[HistoryEvent]) -> None:
    """Add events, as an import brings them; what is there already stays. A history is made where there is none.

    Raises:
        StoreError: It cannot be written.
    """
    if some:
        place.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(place, some)


def _write(place: StorePlace, some: Sequence[HistoryEvent]) -> None:
    with _translated(place), closing(sqlite3.connect(path_of(place), timeout=PATIENCE_S)) as database, database:
        database.execute(_TABLE)
        database.executemany(_INSERT, [tuple(getattr(event, name) for name in FIELDS) for event in some])


def _read(place: StorePlace, asked: str, values: Sequence[object]) -> list[tuple[object, ...]]:
    if not path_of(place).is_file():
        return []
    with _translated(place), reading(path_of(place)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'history'").fetchone():
            return []
        return database.execute(asked, values).fetchall()


@contextmanager
def _translated(place: StorePlace) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        translated = as_store_error(error, place.chroma, place.home)
        if translated is None:
            raise
        raise translated from error


def _event(row: Sequence[object]) -> HistoryEvent:
    """Return an event as it was written; nothing in it is trusted to be of its type."""
    held = dict(zip(FIELDS, row, strict=True))
    return HistoryEvent(
        id=str(held["id"]),
        memory_id=str(held["memory_id"]),
        old_memory=_word(held["old_memory"]),
        new_memory=_word(held["new_memory"]),
        event=str(held["event"]),
        created_at=_word(held["created_at"]),
        updated_at=_word(held["updated_at"]),
        is_deleted=int(bool(held["is_deleted"])),
        actor_id=_word(held["actor_id"]),
        role=_word(held["role"]),
    )


def _word(value: object) -> str | None:
    return None if value is None else str(value)
