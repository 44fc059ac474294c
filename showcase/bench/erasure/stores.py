"""Stores of two users, made by a seed: rows by Chroma alone in mem0's form, and mem0's history of them."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.memory import history, store_record
from showcase.memory.backends.opening import Kept
from showcase.memory.chroma_client import forget_opened
from showcase.memory.collections import Collections
from showcase.memory.history import HistoryEvent
from showcase.memory.stored import Stored, to_metadata
from showcase.settings.store_place import StorePlace, store_place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np

    from showcase.evidence import Model
    from showcase.memory.store_record import StoreRecord

WHO, OTHER = "alice", "bob"
SEED = 20261128
_PIECE = 500
_AT = "2026-01-02T03:04:05.678901+00:00"
_TEMPORARY = ("TMPDIR", "TEMP", "TMP")

_KEPT = ("bicycle", "cello", "tent", "sewing machine", "telescope", "kayak", "typewriter", "accordion")
_PLACES = ("Bergen", "Turin", "Porto", "Graz", "Leiden", "Tartu", "Galway", "Olomouc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A store that is copied for each way of deleting, and its user's rows in the order of storing: ids and texts."""

    kept: Kept
    ids: tuple[str, ...]
    texts: tuple[str, ...]


def make(root: Path, count: int, model: Model) -> Made:
    """Make a store of so many rows, of two users in turn.

    Args:
        root: Where; nothing is there.
        count: How many rows.
        model: Whose vectors they are taken to be; they are random, of its dimensions and of unit length.
    """
    import numpy as np  # noqa: PLC0415 - heavy

    numbers = np.random.default_rng((SEED, count))
    place = store_place(root)
    record = store_record.made_by(model, layout="shared")
    own: list[Stored] = []
    with Collections(place, "shared") as rows:
        for begin in range(0, count, _PIECE):
            piece = [_row(number, numbers) for number in range(begin, min(begin + _PIECE, count))]
            vectors = numbers.standard_normal((len(piece), model.dimensions or 0))
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            held = [(row, vector.tolist()) for row, vector in zip(piece, vectors, strict=True)]
            for user_id in (WHO, OTHER):
                some = {row.memory_id: (to_metadata(row), vector) for row, vector in held if row.user_id == user_id}
                if some:
                    rows.put(user_id, some)
            own += [row for row in piece if row.user_id == WHO]
            history.keep(place, [_added(row) for row in piece])
    forget_opened()
    store_record.write(place, record)
    return Made(
        kept=_kept(place, record),
        ids=tuple(row.memory_id for row in own),
        texts=tuple(row.text for row in own),
    )


def copy(made: Made, root: Path) -> Kept:
    """Return a copy of a store, as everybody finds it who deletes."""
    shutil.copytree(made.kept.place.root, root)
    return _kept(store_place(root), made.kept.record)


def _kept(place: StorePlace, record: StoreRecord | None) -> Kept:
    return Kept(place=place, record=record, layout="shared")


def _row(number: int, numbers: np.random.Generator) -> Stored:
    """Return a row that no other is like: its code is 48 random bits."""
    code = numbers.bytes(6).hex()
    thing, place = _KEPT[number % len(_KEPT)], _PLACES[number // len(_KEPT) % len(_PLACES)]
    text = f"My {thing} stands in the cellar in {place}, behind the door with the code {code}"
    return Stored(
        memory_id=str(uuid.UUID(bytes=numbers.bytes(16), version=4)),
        text=text,
        user_id=(WHO, OTHER)[number % 2],
        source="typed",
        created_at=_AT,
        updated_at=_AT,
        metadata={"role": "user", "text_lemmatized": text.lower()},
    )


def _added(row: Stored) -> HistoryEvent:
    return HistoryEvent(
        id=str(uuid.uuid5(uuid.NAMESPACE_OID, row.memory_id)),
        memory_id=row.memory_id,
        new_memory=row.text,
        event="ADD",
        created_at=_AT,
        role="user",
    )


@contextmanager
def own_temporary(place: Path) -> Iterator[None]:
    """Let this process and its children put temporary files into a directory of the benchmark's own.

    A scan looks at what this program and SQLite left in the place for temporary files. There the other copies of a
    store lie too, in which everything is still to be found.
    """
    place.mkdir(mode=0o700, exist_ok=True)
    before, named = tempfile.tempdir, {name: os.environ.get(name) for name in _TEMPORARY}
    tempfile.tempdir = str(place)
    os.environ.update(dict.fromkeys(_TEMPORARY, str(place)))
    try:
        yield
    finally:
        tempfile.tempdir = before
        for name, value in named.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
