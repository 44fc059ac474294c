"""The rows of a store by Chroma alone, in both layouts: whose they are, in which order, and nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kept_stores import LAYOUTS, OF_TWO, made, put, row, vector

from showcase.errors import StoreError, UsageError
from showcase.memory import collections
from showcase.memory.collections import Collections
from showcase.memory.stored import to_metadata
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.memory.store_record import Layout

both = pytest.mark.parametrize("layout", LAYOUTS)


@both
def test_rows_come_back_in_the_order_in_which_they_were_stored(
    tmp_path: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collections, "PIECE", 3)
    rows = [row(f"number {number}") for number in range(10)]
    place = made(tmp_path / "s", layout, rows)
    put(place, layout, [row("somebody else's", "bob")])
    with Collections(place, layout) as kept:
        assert list(kept.rows("alice")) == rows
        assert kept.count("alice") == 10
        assert kept.users() == {"alice": 10, "bob": 1}
        assert len(kept.vectors("alice", [each.memory_id for each in rows])) == 10
        assert len(kept.get("alice", [each.memory_id for each in rows])) == 10


@both
def test_another_users_row_is_not_there(tmp_path: Path, layout: Layout) -> None:
    place = made(tmp_path / "s", layout)
    bobs = OF_TWO[3].memory_id
    with Collections(place, layout) as kept:
        assert kept.get("alice", [bobs]) == ()
        assert kept.vectors("alice", [bobs]) == {}
        with pytest.raises(UsageError, match="has no memory"):
            kept.row("alice", bobs)
        kept.delete("alice", [bobs])
        assert kept.row("bob", bobs) == OF_TWO[3]
        assert [found.row for found in kept.search("alice", vector("I drink tea"), at_most=50)] != []
        assert all(found.row.user_id == "alice" for found in kept.search("alice", vector("I drink tea"), at_most=50))
        assert kept.anybodys([bobs])[bobs].user_id == "bob"


@both
@pytest.mark.parametrize("user_id", ["*", "ALICE", "alice ", "", "carol"])
def test_what_is_nobodys_id_finds_nothing(tmp_path: Path, layout: Layout, user_id: str) -> None:
    with Collections(made(tmp_path / "s", layout), layout) as kept:
        assert list(kept.rows(user_id)) == []
        assert kept.count(user_id) == 0
        assert kept.search(user_id, vector("I live in Turin"), at_most=5) == ()


@both
def test_what_only_asks_is_found_where_that_is_asked_for_alone(tmp_path: Path, layout: Layout) -> None:
    with Collections(made(tmp_path / "s", layout), layout) as kept:
        asked = vector("Where do I live?")
        assert "Where do I live?" not in [found.row.text for found in kept.search("alice", asked, at_most=5)]
        first = kept.search("alice", asked, at_most=5, questions=True)[0]
        assert (first.row.text, first.cosine) == ("Where do I live?", pytest.approx(1, abs=1e-5))


@both
def test_the_cosine_is_that_of_the_vectors(tmp_path: Path, layout: Layout) -> None:
    with Collections(made(tmp_path / "s", layout), layout) as kept:
        asked = vector("something else")
        for found in kept.search("alice", asked, at_most=5):
            mine = vector(found.row.text)
            assert found.cosine == pytest.approx(sum(a * b for a, b in zip(asked, mine, strict=True)), abs=1e-5)


@both
def test_a_row_that_is_put_again_loses_what_the_new_one_does_not_have(tmp_path: Path, layout: Layout) -> None:
    place = made(tmp_path / "s", layout)
    asks, pinned = OF_TWO[2], OF_TWO[1]
    with Collections(place, layout) as kept:
        tells = row("I live in Turin since May", memory_id=asks.memory_id)
        plain = row("I work for the railway", memory_id=pinned.memory_id, metadata={})
        for each in (tells, plain):
            kept.put("alice", {each.memory_id: (to_metadata(each), vector(each.text))})
        assert kept.row("alice", asks.memory_id) == tells
        assert kept.row("alice", pinned.memory_id) == plain
        assert [each.memory_id for each in kept.rows("alice")] == [each.memory_id for each in OF_TWO[:3]]
        found = kept.search("alice", vector(tells.text), at_most=1)[0]
        assert found.row == tells, "what was a question and is none is found"


@both
def test_a_note_leaves_what_it_does_not_name_and_takes_out_none(tmp_path: Path, layout: Layout) -> None:
    place = made(tmp_path / "s", layout)
    pinned = OF_TWO[1]
    with Collections(place, layout) as kept:
        kept.note("alice", {pinned.memory_id: {"showcase_pinned": None, "showcase_recalled": 4}})
        after = kept.row("alice", pinned.memory_id)
        assert (after.pinned, after.recalled, after.text, after.metadata) == (False, 4, pinned.text, pinned.metadata)


def test_a_store_that_is_not_there_is_not_made_by_a_look(tmp_path: Path) -> None:
    place = store_place(tmp_path / "none")
    with Collections(place, "shared") as kept:
        assert list(kept.rows()) == []
        assert kept.users() == {}
        assert kept.dimensions() is None
        assert kept.names() == {}
    assert not place.root.exists()


def test_a_layout_sees_nothing_of_the_other(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "shared")
    with Collections(place, "per-user") as kept:
        assert list(kept.rows()) == []
        assert kept.count("alice") == 0


def test_a_database_that_is_none_is_said_to_be_damaged(tmp_path: Path) -> None:
    place = store_place(tmp_path / "s")
    place.chroma.mkdir(parents=True)
    (place.chroma / "chroma.sqlite3").write_bytes(b"no database" * 100)
    with Collections(place, "shared") as kept, pytest.raises(StoreError, match="is damaged"):
        list(kept.rows("alice"))
