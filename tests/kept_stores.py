"""Stores of every day for the tests: rows put there by Chroma alone, and commands typed in this process."""

from __future__ import annotations

import hashlib
import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase import cli
from showcase.memory import store_record
from showcase.memory.collections import Collections
from showcase.memory.store_record import Layout, StoreRecord
from showcase.memory.stored import Stored, to_metadata
from showcase.settings.store_place import StorePlace, store_place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

LAYOUTS: tuple[Layout, ...] = ("shared", "per-user")
DIMENSIONS = 8
MODEL = "a-model:latest"
MANY = 100
"""Rows that would take a second and more one by one."""


def vector(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """Return a unit vector that is that text's alone."""
    digest = hashlib.sha256(text.encode()).digest()
    numbers = [digest[at % len(digest)] - 127.5 for at in range(dimensions)]
    length = math.hypot(*numbers)
    return [number / length for number in numbers]


def row(text: str, user_id: str = "alice", **changes: Any) -> Stored:
    """Return a row whose id is its text's digest."""
    digits = hashlib.sha256(f"{user_id} {text}".encode()).hexdigest()
    usual: dict[str, Any] = {
        "memory_id": "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32])),
        "text": text,
        "user_id": user_id,
        "source": "typed",
        "created_at": "2026-01-02T03:04:05.678901+00:00",
        "updated_at": "2026-01-02T03:04:05.678901+00:00",
        "metadata": {"role": "user", "text_lemmatized": text},
    }
    return Stored(**{**usual, **changes})


def record(layout: Layout = "shared", **changes: Any) -> StoreRecord:
    usual: dict[str, Any] = {
        "embed_model": MODEL,
        "embed_digest": None,
        "dimensions": DIMENSIONS,
        "layout": layout,
        "created_at": "2026-01-01T00:00:00+00:00",
    }
    return StoreRecord(**{**usual, **changes})


def put(place: StorePlace, layout: Layout, rows: Sequence[Stored]) -> None:
    """Put rows into a store one by one, as they are told; many of one user at once, as an import does."""
    with Collections(place, layout) as kept:
        if len(rows) < MANY:
            for each in rows:
                kept.put(str(each.user_id), {each.memory_id: (to_metadata(each), vector(each.text))})
            return
        for user_id, some in itertools.groupby(rows, key=lambda each: str(each.user_id)):
            kept.put(user_id, {each.memory_id: (to_metadata(each), vector(each.text)) for each in some})


def made(root: Path, layout: Layout = "shared", rows: Sequence[Stored] | None = None) -> StorePlace:
    """Make a store, of two users where no rows are given."""
    place = store_place(root)
    put(place, layout, OF_TWO if rows is None else rows)
    store_record.write(place, record(layout))
    return place


def everything(place: StorePlace, layout: Layout) -> dict[str, tuple[Stored, tuple[float, ...]]]:
    """Return all rows by their ids, with their vectors, as a fresh look finds them."""
    with Collections(place, layout) as kept:
        rows = list(kept.rows())
        vectors = {
            each: found
            for user_id in {each.user_id for each in rows}
            for each, found in kept.vectors(user_id, [some.memory_id for some in rows]).items()
        }
    return {each.memory_id: (each, vectors[each.memory_id]) for each in rows}


@dataclass(frozen=True)
class Typed:
    """What a command that was typed here came to."""

    status: int
    out: str
    err: str


def typed(capsys: pytest.CaptureFixture[str], *words: object) -> Typed:
    """Type `showcase memories …` in this process."""
    capsys.readouterr()
    status = cli._run(["memories", *map(str, words)], verbose=False)
    said = capsys.readouterr()
    return Typed(status=status, out=said.out, err=said.err)


OF_TWO = (
    row("I live in Turin"),
    row("I work for the railway", pinned=True, recalled=3, recalled_at="2026-02-02T00:00:00+00:00"),
    row("Where do I live?", question=True),
    row("I drink tea", "bob", source="extracted", metadata={"role": "user", "score": 0.1, "count": 7, "hot": True}),
)
