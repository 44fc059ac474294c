"""Stock mem0 reads what a table wrote, and the other way round; what its own form loses is pinned here."""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from mem0.utils.factory import VectorStoreFactory
from mem0.vector_stores.configs import VectorStoreConfig
from tables import DIMENSIONS, KINDS, all_of, by_id, made, place_of_server, server_of, table_of, unit

from showcase.memory.own_parts import close_store
from showcase.stores.provider import vector_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from showcase.stores.interface import Table

pytestmark = pytest.mark.filterwarnings("ignore:Function set_client is deprecated")

ORDINARY = {
    "user_id": "alice",
    "data": "I keep bees in Ulm",
    "hash": "0cc175b9c0f1b6a831c399e269772661",
    "created_at": "2026-11-28T12:00:00.123456+00:00",
    "updated_at": "2026-11-28T13:00:00.654321+00:00",
    "text_lemmatized": "i keep bee in ulm",
    "role": "user",
    "showcase_pinned": True,
    "showcase_recalled": 3,
}
PLAIN = {**ORDINARY, "half": 0.5, "one": 1.0, "no": False, "text": "```json\n{}\n```"}
NESTED = {**ORDINARY, "nested": {"a": [1, None, {"b": []}]}, "list": ["a", "b"], "none": None}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def both(
    kind: str, request: pytest.FixtureRequest, collection: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Table, Any]]:
    """A table, and mem0's own class on the same rows."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PGPASSWORD", "")  # set by what is tested, and put back by this
    server = server_of(kind, request)
    table = table_of(server, collection)
    table.make(DIMENSIONS)
    named = vector_store(
        place_of_server(server, collection), server.secret, collection=collection, dimensions=DIMENSIONS
    )
    checked = VectorStoreConfig(**named)  # as mem0 reads a configuration
    stock = VectorStoreFactory.create(checked.provider, checked.config)
    yield table, stock
    close_store(stock)
    table.drop()
    table.close()


def once(ask: Callable[[], list[Any]], many: int) -> list[Any]:
    """Return what mem0 answers when it has caught up: Redis reads its rows into a new index by and by."""
    until = time.monotonic() + 10
    while len(found := ask()) != many and time.monotonic() < until:
        time.sleep(0.05)
    assert len(found) == many
    return found


@pytest.mark.parametrize("beside", [ORDINARY, PLAIN, NESTED], ids=["ordinary", "plain", "nested"])
def test_mem0_reads_what_a_table_wrote(both: tuple[Table, Any], kind: str, beside: dict[str, Any]) -> None:
    table, stock = both
    row = made(beside, unit(1, 2, 3))
    table.put([row, made({**beside, "user_id": "bob"})])
    told = dict(beside)
    if kind == "chroma" and beside is NESTED:
        # It has no place for those three; a table keeps them under a name that mem0 hands through.
        told = {**ORDINARY, "showcase_whole": json.dumps({name: beside[name] for name in ("nested", "list", "none")})}
    assert stock.get(row.memory_id).payload == told
    for found in (
        once(lambda: stock.list(filters={"user_id": "alice"}, top_k=10)[0], 1),
        once(lambda: stock.search("", _asked(kind, unit(1, 2, 3)), top_k=5, filters={"user_id": "alice"}), 1),
    ):
        assert (found[0].id, found[0].payload) == (row.memory_id, told)
    assert once(lambda: stock.search("", _asked(kind, unit(1, 2, 3)), top_k=5, filters={"user_id": "alice"}), 1)[
        0
    ].score == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("beside", [ORDINARY, PLAIN, NESTED], ids=["ordinary", "plain", "nested"])
def test_a_table_reads_what_mem0_wrote(both: tuple[Table, Any], kind: str, beside: dict[str, Any]) -> None:
    table, stock = both
    memory_id = str(uuid.uuid4())

    def insert() -> None:
        stock.insert(vectors=[list(unit(1, 2, 3))], payloads=[dict(beside)], ids=[memory_id])

    if kind == "chroma" and beside is NESTED:
        with pytest.raises(ValueError, match="metadata value"):
            insert()
        return
    insert()
    told = dict(beside)
    if kind == "redis":
        told |= {"created_at": "2026-11-28T12:00:00.000000+00:00"}
        del told["updated_at"]
    assert by_id(all_of(table, "alice")) == {memory_id: told}
    ((row, cosine),) = table.nearest("alice", unit(1, 2, 3), 5)
    assert (row.memory_id, cosine) == (memory_id, pytest.approx(1.0, abs=1e-6))
    assert table.get([memory_id], vectors=True)[0].vector == pytest.approx(unit(1, 2, 3), abs=1e-6)


def test_mem0_and_a_table_change_each_others_rows(both: tuple[Table, Any], kind: str) -> None:
    table, stock = both
    row = made(ORDINARY, unit(1, 2, 3))
    table.put([row])
    changed = {**stock.get(row.memory_id).payload, "data": "I keep cats", "updated_at": "2026-11-29T01:02:03.5+00:00"}
    stock.update(vector_id=row.memory_id, vector=list(unit(3, 2, 1)), payload=changed)
    told = {**ORDINARY, "data": "I keep cats", "updated_at": "2026-11-29T01:02:03.5+00:00"}
    if kind == "redis":
        told |= {"created_at": "2026-11-28T12:00:00.000000+00:00", "updated_at": "2026-11-29T01:02:03.000000+00:00"}
    (found,) = table.get([row.memory_id], vectors=True)
    assert found.beside == told
    assert found.vector == pytest.approx(unit(3, 2, 1), abs=1e-6)
    table.put([made({**told, "data": "I keep dogs"}, unit(3, 2, 1), row.memory_id)])
    assert stock.get(row.memory_id).payload == {**told, "data": "I keep dogs"}
    stock.delete(row.memory_id)
    assert all_of(table, None) == []
    table.put([row])
    table.delete([row.memory_id])
    assert once(lambda: stock.list(filters={"user_id": "alice"}, top_k=10)[0], 0) == []


def test_mem0_takes_the_collection_that_a_table_made(both: tuple[Table, Any], kind: str) -> None:
    table, stock = both
    table.set_mark("{}")
    stock.insert(vectors=[[1.0, 0.0, 0.0]], payloads=[dict(ORDINARY)], ids=[str(uuid.uuid4())])
    assert table.mark() == "{}", "its opening and its rows leave our mark alone"
    assert table.dimensions() == DIMENSIONS
    if kind == "qdrant":
        assert stock._has_bm25_slot
    if kind == "milvus":
        assert stock._has_bm25_schema
        assert stock.keyword_search("bee", filters={"user_id": "alice"})


def _asked(kind: str, vector: tuple[float, ...]) -> list[Any]:
    """Return a question as mem0 hands it on: to Chroma a list of them, it would have to be."""
    return [list(vector)] if kind == "chroma" else list(vector)
