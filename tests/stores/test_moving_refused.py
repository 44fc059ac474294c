"""What a store cannot hold, or has otherwise, is told before anything is written; what is lost on the way is seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from moved_rows import EVENTS, carried, moved, of, plant, record
from moving_places import KINDS, Kind, Somewhere, somewhere

from showcase.errors import ShowcaseError, StoreError, UsageError
from showcase.memory import history, store_record
from showcase.memory.history import HistoryEvent
from showcase.stores.unfit_rows import why_no_place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from showcase.memory.migration.interface import Carried

    Place = Callable[[Kind, str], Somewhere]

TARGETS = [kind for kind in ("shared", "postgresql") if kind in KINDS]


@pytest.fixture
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, collection: str) -> Place:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return lambda kind, name: somewhere(request, kind, tmp_path / name, f"{collection}_{name}")


def named(memory_id: str) -> Carried:
    return replace(of("odd"), memory_id=memory_id)


def beside(**odd: Any) -> Carried:
    return of("odd", **odd)


PLAIN = of("plain")
FROM_POSTGRESQL = {
    "null": beside(odd=None),
    "an object": beside(odd={"a": 1}),
    "an empty list": beside(odd=[]),
    "a list of several types": beside(odd=[1, "a"]),
    "64 bits": beside(odd=2**63),
    "no name": beside(**{"$odd": 1}),
}
FROM_CHROMA = {
    "no UUID": named("not-a-uuid"),
    "as PostgreSQL writes": named(of("odd").memory_id.upper()),
    "a NUL character": beside(odd="a\0b"),
    "'a\\x00b' holds a NUL": beside(**{"a\0b": 1}),
    "another number": beside(odd=1e16),
    "no place": replace(of("odd"), document="a document of Chroma's own"),
    "has length 2": of("odd", numbers=[2.0, *[0.0] * 7]),
    "names no user": of("odd", None),
}


FROM_REDIS: dict[str, tuple[Kind, Carried]] = {
    "neither a UUID as Qdrant": ("qdrant", named("not-a-uuid")),
    "writes one nor a number": ("qdrant", named("007")),
    "brings each to 1": ("qdrant", of("odd", numbers=[0.9999, *[0.0] * 7])),
    "512 bytes": ("milvus", named("x" * 513)),
    "a quote": ("milvus", named("it's")),
    "into 64 bits": ("milvus", beside(odd=[{"deep": 2**64}])),
}
"""Redis holds all of these; a place of another engine is not."""


@pytest.mark.parametrize(
    ("before", "after", "why", "odd"),
    [("postgresql", "shared", why, odd) for why, odd in FROM_POSTGRESQL.items()]
    + [("redis", after, why, odd) for why, (after, odd) in FROM_REDIS.items()]
    + [
        ("shared", "postgresql" if why != "names no user" else "per-user", why, odd) for why, odd in FROM_CHROMA.items()
    ],
)
def test_what_the_other_engine_cannot_hold_is_named_before_anything_is_written(
    place: Place, before: Kind, after: Kind, why: str, odd: Carried
) -> None:
    source, target = place(before, "s"), place(after, "t")
    plant(source, [PLAIN, odd])
    with pytest.raises(UsageError) as told:
        moved(source, target)
    assert odd.memory_id[:60] in told.value.message
    assert PLAIN.memory_id not in told.value.message
    assert why in told.value.message
    assert "nothing was written" in told.value.hint
    assert carried(target) == {}
    assert carried(source).keys() == {PLAIN.memory_id, odd.memory_id}


def check_it_comes_back(there: Somewhere, odd: Carried) -> None:
    plant(there, [odd])
    assert carried(there)[odd.memory_id].digest == odd.digest


@pytest.mark.parametrize("odd", FROM_POSTGRESQL.values(), ids=FROM_POSTGRESQL)
def test_the_engine_would_have_lost_what_was_refused(place: Place, odd: Carried) -> None:
    """The rule is no more than what the engine does: it raises, or gives something else back."""
    there = place("shared", "s")
    with pytest.raises((AssertionError, ShowcaseError, ValueError, TypeError)):
        check_it_comes_back(there, odd)


@pytest.mark.parametrize("odd", list(FROM_CHROMA.values())[:5], ids=list(FROM_CHROMA)[:5])
def test_postgresql_would_have_lost_what_was_refused(place: Place, odd: Carried) -> None:
    there = place("postgresql", "s")
    with pytest.raises((AssertionError, ShowcaseError, KeyError)):
        check_it_comes_back(there, odd)


def test_more_numbers_than_an_index_takes_are_told() -> None:
    assert why_no_place("postgresql", 2000) is None
    assert "16,000" in str(why_no_place("postgresql", 16_001))


@pytest.mark.parametrize("kind", TARGETS)
def test_a_row_of_another_content_is_replaced_on_demand_alone(place: Place, kind: Kind) -> None:
    source, target = place("shared", "s"), place(kind, "t")
    other = replace(PLAIN, beside={**PLAIN.beside, "note": 1.0})
    mine = of("mine alone")
    plant(source, [replace(PLAIN, beside={**PLAIN.beside, "note": 1})])
    plant(target, [other, mine])
    with pytest.raises(UsageError, match=r"another content \(note\)"):
        moved(source, target)
    assert carried(target) == {PLAIN.memory_id: other, mine.memory_id: mine}
    made, copied = moved(source, target, replaces=True)
    assert (made.replaced, copied.written) == (1, 1)
    assert carried(target)[PLAIN.memory_id] == carried(source)[PLAIN.memory_id]
    assert carried(target)[mine.memory_id] == mine, "what is there alone stays"


@pytest.mark.parametrize("kind", TARGETS)
def test_one_bit_of_a_vector_is_another_content(place: Place, kind: Kind) -> None:
    source, target = place("shared", "s"), place(kind, "t")
    vector = bytes([PLAIN.vector[0] ^ 1, *PLAIN.vector[1:]]) if PLAIN.vector else b""
    plant(source, [PLAIN])
    plant(target, [replace(PLAIN, vector=vector)])
    with pytest.raises(UsageError, match=r"another content \(vector\)"):
        moved(source, target)


@pytest.mark.parametrize("kind", TARGETS)
def test_the_id_of_another_users_row_is_refused_with_replace_too(place: Place, kind: Kind) -> None:
    source, target = place("shared", "s"), place(kind, "t")
    plant(source, [PLAIN])
    plant(target, [replace(PLAIN, beside={**PLAIN.beside, "user_id": "Alice"})])
    with pytest.raises(UsageError, match="another user's"):
        moved(source, target, replaces=True)
    assert carried(target)[PLAIN.memory_id].stored.user_id == "Alice"


def test_an_id_of_two_users_has_no_place_in_one_collection(place: Place) -> None:
    source, target, third = place("per-user", "s"), place("shared", "t"), place("per-user", "u")
    plant(source, [PLAIN, replace(PLAIN, beside={**PLAIN.beside, "user_id": "bob"})])
    with pytest.raises(UsageError, match="another user has a memory of that id"):
        moved(source, target)
    assert carried(target) == {}
    assert moved(source, third)[1].compared == 2, "collections of their own hold both"


@pytest.mark.parametrize("kind", TARGETS)
def test_counts_of_use_go_along_and_never_back(place: Place, kind: Kind) -> None:
    def used(times: int) -> Carried:
        return replace(
            PLAIN, beside={**PLAIN.beside, "showcase_recalled": times, "showcase_recalled_at": f"2026-01-0{times}"}
        )

    source, target = place("shared", "s"), place(kind, "t")
    plant(source, [used(2)])
    moved(source, target)
    plant(source, [used(3)])
    made, _ = moved(source, target)
    assert (made.behind, carried(target)[PLAIN.memory_id].stored.recalled) == (1, 3)
    plant(target, [used(5)])
    made, copied = moved(source, target)
    assert (made.used, copied.written, carried(target)[PLAIN.memory_id].stored.recalled) == (1, 0, 5)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"embed_model": "other-model:latest"}, "reembed"),
        ({"embed_digest": "e" * 64}, "digest"),
    ],
)
@pytest.mark.parametrize("kind", TARGETS)
def test_vectors_of_another_model_are_refused(place: Place, kind: Kind, changes: dict[str, Any], said: str) -> None:
    source, target = place("shared", "s"), place(kind, "t")
    plant(source, [PLAIN])
    plant(target, [of("mine")])
    store_record.write(source.place, replace(record(source), **changes))
    with pytest.raises(StoreError) as told:
        moved(source, target)
    assert said in told.value.message + told.value.hint
    assert "reembed" in told.value.hint
    assert len(carried(target)) == 1


def test_a_store_that_does_not_name_its_model_asks_for_it(place: Place) -> None:
    source, target = place("shared", "s"), place("per-user", "t")
    plant(source, [PLAIN])
    store_record.path_of(source.place).unlink()
    with pytest.raises(StoreError, match="does not say which embedding model"):
        moved(source, target)
    moved(source, target, embed_model="some-model")
    found = target.kept().record
    assert found is not None
    assert found.embed_model == "some-model"


def test_an_event_of_another_content_is_refused(place: Place) -> None:
    source, target = place("shared", "s"), place("per-user", "t")
    plant(source, [PLAIN], EVENTS)
    history.keep(target.place, [replace(EVENTS[1], new_memory="something else")])
    with pytest.raises(UsageError, match="history is there with another content"):
        moved(source, target)
    assert carried(target) == {}


def test_what_was_forgotten_does_not_come_back_with_the_history(place: Place) -> None:
    source, target = place("shared", "s"), place("per-user", "t")
    gone = HistoryEvent(id="g", memory_id=of("gone").memory_id, old_memory="gone", event="DELETE", is_deleted=1)
    before = replace(EVENTS[0], id="before", new_memory="an earlier life")
    ended = replace(EVENTS[0], id="ended", old_memory="an earlier life", event="DELETE", is_deleted=1)
    plant(source, [PLAIN], [gone, before, ended, *EVENTS])
    moved(source, target)
    assert history.everything(target.place) == EVENTS
