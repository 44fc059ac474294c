"""What this machine keeps beside the rows of a server: mem0's history and what was typed in chats, without what goes.

The server's own files are not ours: what stays in them is told by `stores.what_stays`, and no certificate says more.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.documents.overwriting import clear
from showcase.erasure import typed
from showcase.erasure.gathering import of_user
from showcase.errors import StoreError
from showcase.evidence.fact import Fact
from showcase.memory.history_copy import copy_tables
from showcase.memory.left_on_disk import typed_lines
from showcase.memory.same_store import alone
from showcase.memory.store_errors import as_store_error
from showcase.memory.store_files import HISTORY
from showcase.memory.store_state import holders
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from showcase.settings.store_place import StorePlace

_NEW, _OLD = "-new", "-old"
_OF_SQLITE = ("-journal", "-wal", "-shm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside(Fact):
    """What went: events of mem0's history, messages that mem0 would repeat to a model, and entries that were typed."""

    events: int = 0
    messages: int = 0
    lines: int = 0

    @property
    def said(self) -> str:
        """All of it, in words."""
        events = "1 event" if self.events == 1 else f"{self.events:,} events"
        messages = "1 message" if self.messages == 1 else f"{self.messages:,} messages"
        lines = "1 line that was typed" if self.lines == 1 else f"{self.lines:,} lines that were typed"
        return f"{events} of mem0's history, {messages}, {lines}"


def forget_beside(place: StorePlace, user_id: str, texts: Mapping[str, str], *, everything: bool) -> Beside:
    """Take memories out of what this machine keeps beside a server's rows; the old files are written over.

    Ended at any moment, the old files or the new ones are there, and the next call brings it to its end.

    Args:
        place: The store.
        user_id: Whose they were.
        texts: What each said, by its id.
        everything: Whether all that the user typed goes too.

    Raises:
        StoreError: Another process has them open, or they cannot be written.
    """
    history, lines = place.home / HISTORY, typed_lines(place, user_id)
    with alone(place):
        others = [f"{name} (pid {pid})" for pid, name in holders(place.home)]
        if others:
            raise StoreError(
                f"{history} is open in {', '.join(others)}, and still tells of what was forgotten",
                hint=f"end it, then remove the file, or forget again: {here().remove(history)}",
            )
        try:
            gone = _history(history, user_id, frozenset(texts))
            said = _typed(lines, list(texts.values()), everything=everything)
        except (OSError, sqlite3.Error) as error:
            translated = as_store_error(error, place.chroma, place.home)
            if translated is None:
                raise
            raise translated from error
    return Beside(events=gone.get("history", 0), messages=gone.get("messages", 0), lines=said)


def _history(path: Path, user_id: str, ids: Collection[str]) -> dict[str, int]:
    _finish(path)
    if not path.is_file():
        return {}

    def stays(table: str, row: dict[str, object]) -> bool:
        if "memory_id" in row:
            return str(row["memory_id"]) not in ids
        return not (table == "messages" and of_user(row, user_id))

    new = path.with_name(f"{path.name}{_NEW}")
    gone, _ = copy_tables(path, new, stays)
    if not gone:
        clear(new)
        return {}
    shutil.copymode(path, new)
    _replace(path, new)
    for suffix in _OF_SQLITE:
        with suppress(FileNotFoundError):
            clear(path.with_name(f"{path.name}{suffix}"))
    return gone


def _typed(path: Path, texts: list[str], *, everything: bool) -> int:
    _finish(path)
    if not path.is_file() or path.is_symlink():
        return 0
    data = path.read_bytes()
    if everything:
        clear(path)
        return data.count(b"\n#")
    stays, gone = typed.without(data, texts)
    if gone:
        new = path.with_name(f"{path.name}{_NEW}")
        new.touch(mode=0o600)
        new.write_bytes(stays)
        _replace(path, new)
    return gone


def _replace(path: Path, new: Path) -> None:
    """Put a file in the place of another, whose bytes are written over."""
    old = path.with_name(f"{path.name}{_OLD}")
    path.replace(old)
    new.replace(path)
    clear(old)


def _finish(path: Path) -> None:
    """Bring a replacement that was cut off to its end."""
    new, old = (path.with_name(f"{path.name}{suffix}") for suffix in (_NEW, _OLD))
    if old.is_file() and not path.exists():
        old.replace(path)
    for each in (new, old):
        with suppress(FileNotFoundError):
            clear(each)
