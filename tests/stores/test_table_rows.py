"""What the commands ask of a store's rows, over the tables of the engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kept_stores import DIMENSIONS, row, vector
from tables import KINDS, place_of_server, server_of

from showcase.errors import StoreError, UsageError
from showcase.memory.store_record import StoreRecord
from showcase.memory.stored import to_metadata
from showcase.stores.engines import table
from showcase.stores.table_rows import TableRows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.memory.stored import Stored

RECORD = StoreRecord(
    embed_model="a-model:latest",
    embed_digest=None,
    dimensions=DIMENSIONS,
    layout="shared",
    created_at="2026-11-28T12:00:00+00:00",
)


@pytest.fixture(params=KINDS)
def rows(
    request: pytest.FixtureRequest, collection: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TableRows]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    server = server_of(str(request.param), request)
    place = place_of_server(server, collection)
    with TableRows(place, table(place, server.secret)) as opened:
        opened.same.made_by = RECORD
        yield opened
        opened.table.drop()


def put(rows: TableRows, *some: Stored, user_id: str = "alice") -> None:
    rows.put(user_id, {each.memory_id: (to_metadata(each), vector(each.text)) for each in some})


def test_a_store_that_is_not_there_has_nothing(rows: TableRows) -> None:
    assert not rows.holds("alice")
    assert rows.users() == {}
    assert list(rows.rows()) == []
    assert rows.get("alice", ["x"]) == ()
    assert rows.anybodys(["x"]) == {}
    assert rows.of_text("alice", "x") is None
    assert rows.vectors("alice", ["x"]) == {}
    assert rows.search("alice", vector("x"), at_most=3) == ()
    assert rows.dimensions() is None
    rows.note("alice", {"x": {"a": 1}})
    rows.delete("alice", ["x"])
    rows.put("alice", {})
    assert not rows.holds("alice"), "who only looks makes nothing"
    rows.same.made_by = None
    with pytest.raises(StoreError, match="how long its vectors are"):
        rows.claim("alice")


def test_rows_come_back_whole_and_to_their_users_alone(rows: TableRows) -> None:
    mine, other = row("I keep bees", pinned=True, recalled=3), row("I ride a bike", metadata={"topic": "sport"})
    theirs = row("I keep bees", "bob")
    put(rows, mine, other)
    put(rows, theirs, user_id="bob")
    assert rows.holds("alice")
    assert rows.users() == {"alice": 2, "bob": 1}
    assert rows.count("alice") == 2
    assert {each.memory_id for each in rows.rows("alice")} == {mine.memory_id, other.memory_id}
    assert rows.row("alice", mine.memory_id).pinned
    assert rows.row("alice", mine.memory_id).recalled == 3
    assert rows.row("alice", other.memory_id).metadata["topic"] == "sport"
    assert [each.memory_id for each in rows.get("alice", [mine.memory_id, theirs.memory_id])] == [mine.memory_id]
    assert set(rows.anybodys([mine.memory_id, theirs.memory_id])) == {mine.memory_id, theirs.memory_id}
    with pytest.raises(UsageError, match="has no memory"):
        rows.row("alice", theirs.memory_id)
    assert rows.dimensions() == DIMENSIONS
    mark = rows.table.mark()
    assert mark is not None
    assert "a-model:latest" in mark


def test_a_row_is_found_by_its_text(rows: TableRows) -> None:
    mine, theirs = row("I keep bees"), row("I keep cats", "bob")
    put(rows, mine)
    put(rows, theirs, user_id="bob")
    found = rows.of_text("alice", "I keep bees")
    assert found is not None
    assert found.memory_id == mine.memory_id
    assert rows.of_text("alice", "I keep cats") is None
    assert rows.of_text("alice", "i keep bees") is None


def test_what_is_noted_leaves_the_rest_alone(rows: TableRows) -> None:
    mine, theirs = row("I keep bees", metadata={"topic": "animals"}), row("I row", "bob")
    put(rows, mine)
    put(rows, theirs, user_id="bob")
    before = rows.vectors(None, [mine.memory_id])
    rows.note("alice", {mine.memory_id: {"topic": None, "place": "Ulm"}, theirs.memory_id: {"place": "Ulm"}})
    found = rows.row("alice", mine.memory_id)
    assert found.metadata["place"] == "Ulm"
    assert "topic" not in found.metadata
    assert found.text == "I keep bees"
    assert rows.vectors(None, [mine.memory_id]) == before
    assert "place" not in rows.row("bob", theirs.memory_id).metadata


def test_what_only_asks_is_left_out_of_a_search(rows: TableRows) -> None:
    facts = [row(f"fact {number}") for number in range(3)]
    asks = [row(f"question {number}", question=True) for number in range(30)]
    put(rows, *facts, *asks)
    asked = vector("question 3")
    assert {each.row.memory_id for each in rows.search("alice", asked, at_most=3)} == {each.memory_id for each in facts}
    with_them = rows.search("alice", asked, at_most=1, questions=True)
    assert [(each.row.text, each.cosine) for each in with_them] == [("question 3", pytest.approx(1.0, abs=1e-5))]
    cosines = [each.cosine for each in rows.search("alice", asked, at_most=40, questions=True)]
    assert len(cosines) == 33
    assert cosines == sorted(cosines, reverse=True)
    assert rows.search("bob", asked, at_most=3) == ()


def test_vectors_are_a_users_own(rows: TableRows) -> None:
    mine, theirs = row("I keep bees"), row("I row", "bob")
    put(rows, mine)
    put(rows, theirs, user_id="bob")
    both = [mine.memory_id, theirs.memory_id]
    assert rows.vectors("alice", both) == {mine.memory_id: pytest.approx(vector("I keep bees"), abs=1e-6)}
    assert set(rows.vectors(None, both)) == set(both)


def test_nobody_deletes_anothers_rows(rows: TableRows) -> None:
    mine, theirs = row("I keep bees"), row("I row", "bob")
    put(rows, mine)
    put(rows, theirs, user_id="bob")
    rows.delete("alice", [mine.memory_id, theirs.memory_id])
    assert rows.users() == {"bob": 1}
