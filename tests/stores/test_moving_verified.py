"""Both stores are read again after a move: what was lost is seen, and what was written meanwhile comes too."""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from moved_rows import EVENTS, carried, moved, of, plant, rows
from moving_places import KINDS, Kind, Somewhere, raw, somewhere

from showcase.errors import StoreError
from showcase.memory import history
from showcase.memory.migration import copying
from showcase.memory.migration.chroma_side import ChromaSide
from showcase.memory.migration.table_side import TableSide

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from showcase.memory.migration.interface import Carried

    Place = Callable[[Kind, str], Somewhere]

PLAIN = of("plain")
TARGETS = [kind for kind in ("shared", "postgresql") if kind in KINDS]


@pytest.fixture
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, collection: str) -> Place:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return lambda kind, name: somewhere(request, kind, tmp_path / name, f"{collection}_{name}")


def forgets(table: Any, planted: Callable[[Carried], Carried | None]) -> Callable[..., None]:
    real = table.put

    def put(self: Any, some: Sequence[Carried], events: Any = ()) -> None:
        real(self, [row for row in map(planted, some) if row is not None], events)

    return put


def flipped(row: Carried) -> Carried:
    vector = row.vector or b""
    return (
        replace(row, vector=vector[:8] + bytes([vector[8] ^ 1]) + vector[9:])
        if row.memory_id == PLAIN.memory_id
        else row
    )


def turned(row: Carried) -> Carried:
    numbers = array("f", row.vector or b"")
    numbers[0] += 1e-5
    return replace(row, vector=numbers.tobytes())


def dropped(row: Carried) -> Carried:
    return replace(row, beside={name: held for name, held in row.beside.items() if name != "showcase_pinned"})


def retyped(row: Carried) -> Carried:
    return replace(row, beside={name: float(held) if name == "whole" else held for name, held in row.beside.items()})


def left_out(row: Carried) -> Carried | None:
    return None if row.memory_id == PLAIN.memory_id else row


@pytest.mark.parametrize(
    ("loss", "what"), [(flipped, "vector"), (dropped, "showcase_pinned"), (retyped, "whole"), (left_out, "the row")]
)
@pytest.mark.parametrize("kind", TARGETS)
def test_a_planted_loss_is_seen(
    place: Place, monkeypatch: pytest.MonkeyPatch, kind: Kind, loss: Callable[[Carried], Carried | None], what: str
) -> None:
    source, target = place("shared", "s"), place(kind, "t")
    plant(source, rows(nobodys=True))
    side: Any = ChromaSide if kind == "shared" else TableSide
    with monkeypatch.context() as patched:
        patched.setattr(side, "put", forgets(side, loss))
        with pytest.raises(StoreError, match=r"not in .* as it was written there") as told:
            moved(source, target)
    assert told.value.message.endswith(what)


def test_the_last_bits_may_be_others_where_an_engine_brings_vectors_to_length_1_and_that_is_said(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = place("shared", "s"), place("qdrant", "t")
    plant(source, rows(nobodys=True))
    with monkeypatch.context() as patched:
        patched.setattr(TableSide, "put", forgets(TableSide, flipped))
        _, copied = moved(source, target)
    assert (copied.rounded, copied.compared) == (1, len(rows(nobodys=True)))
    assert moved(source, target)[0].same == copied.compared
    other = place("qdrant", "u")
    monkeypatch.setattr(TableSide, "put", forgets(TableSide, turned))
    with pytest.raises(StoreError, match="as it was written there: vector"):
        moved(source, other)


def test_a_history_that_is_lost_is_seen(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = place("shared", "s"), place("per-user", "t")
    plant(source, [PLAIN], EVENTS)
    monkeypatch.setattr(history, "keep", lambda *_: None)
    with pytest.raises(StoreError, match="an event of its history"):
        moved(source, target)


@pytest.mark.parametrize("kind", TARGETS)
def test_what_is_written_meanwhile_comes_too(place: Place, monkeypatch: pytest.MonkeyPatch, kind: Kind) -> None:
    source, target = place("shared", "s"), place(kind, "t")
    planted = rows(nobodys=True)
    plant(source, planted)
    late, changed = of("late"), replace(PLAIN, beside={**PLAIN.beside, "note": "later"})
    real, calls = TableSide.put if kind == "postgresql" else ChromaSide.put, 0
    side: Any = TableSide if kind == "postgresql" else ChromaSide

    def put(self: Any, some: Sequence[Carried], events: Any = ()) -> None:
        nonlocal calls
        calls += 1
        real(self, some, events)
        if calls == 1:
            with monkeypatch.context() as quiet:
                quiet.setattr(side, "put", real)
                plant(source, [late, changed])
                with source.kept().rows() as others:
                    others.delete("alice", [planted[-3].memory_id])

    monkeypatch.setattr(side, "put", put)
    _, copied = moved(source, target)
    assert copied.changed == 3, "one that came, one that changed, one that went"
    assert {each: row.digest for each, row in carried(target).items()} == {
        each: row.digest for each, row in carried(source).items()
    }
    assert carried(target)[PLAIN.memory_id].beside["note"] == "later"
    assert planted[-3].memory_id not in raw(target)


def test_a_store_that_is_written_to_all_the_time_is_said_to_be(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = place("shared", "s"), place("per-user", "t")
    plant(source, [PLAIN])
    real, number = ChromaSide.put, 0

    def put(self: Any, some: Sequence[Carried], events: Any = ()) -> None:
        nonlocal number
        number += 1
        real(self, some, events)
        with monkeypatch.context() as quiet:
            quiet.setattr(ChromaSide, "put", real)
            plant(source, [of(f"and again {number}")])

    monkeypatch.setattr(ChromaSide, "put", put)
    with pytest.raises(StoreError, match="written to all the time"):
        moved(source, target)
    assert number == copying.PASSES
