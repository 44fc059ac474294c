"""Pinned: whom mem0's own filters take for one another, engine by engine, and that a table does not."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import time
import uuid
from typing import TYPE_CHECKING, Any

import chromadb
import pytest
import redis
from chromadb.config import Settings
from mem0.vector_stores.redis import RedisDB
from tables import DIMENSIONS, all_of, made, place_of_server, table_of, unit

from showcase.stores.chroma_server import ChromaServerTable
from showcase.stores.provider import vector_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.bench.stores.servers import Server
    from showcase.stores.interface import Table

pytestmark = pytest.mark.filterwarnings("ignore:Function set_client is deprecated")


@pytest.fixture(autouse=True)
def data_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def of_redis(server: Server, collection: str) -> Any:
    named = vector_store(place_of_server(server, collection), server.secret, collection=collection, dimensions=3)
    return RedisDB(**named["config"])


@pytest.fixture
def in_redis(redis_server: Server, collection: str) -> Iterator[Table]:
    table = table_of(redis_server, collection)
    table.make(DIMENSIONS)
    yield table
    table.drop()
    table.close()


def caught_up(stock: Any, many: int) -> None:
    until = time.monotonic() + 10
    while len(stock.list()[0]) != many and time.monotonic() < until:
        time.sleep(0.05)
    assert len(stock.list()[0]) == many


def test_redis_reads_a_user_as_a_tag(in_redis: Table, redis_server: Server, collection: str) -> None:
    rows = {user: made({"user_id": user, "data": user}) for user in ("alice", "bob", "carol,alice")}
    in_redis.put(list(rows.values()))
    stock = of_redis(redis_server, collection)
    caught_up(stock, 3)

    def found(user: str) -> set[str]:
        return {row.payload["user_id"] for row in stock.list({"user_id": user})[0]}

    assert found("ALICE") == {"alice", "carol,alice"}, "case does not count, and a comma parts"
    assert found("carol") == {"carol,alice"}
    assert found("carol,alice") == set(), "who has a comma never finds their own"
    assert found("") == {"alice", "bob", "carol,alice"}, "nobody is everybody"
    assert found("*") == found("ali*") == set()
    stock.client.close()
    for user, row in rows.items():
        assert [each.memory_id for each in all_of(in_redis, user)] == [row.memory_id]
    assert all_of(in_redis, "ALICE") == all_of(in_redis, "") == all_of(in_redis, "carol") == []


def test_redis_takes_the_rows_of_a_longer_name_for_those_of_a_shorter(
    in_redis: Table, redis_server: Server, collection: str
) -> None:
    longer = table_of(redis_server, f"{collection}_entities")
    longer.make(DIMENSIONS)
    longer.put([made({"user_id": "alice", "data": "an entity"})])
    in_redis.put([made({"user_id": "alice", "data": "a memory"})])
    stock = of_redis(redis_server, collection)
    caught_up(stock, 2)
    assert {row.beside["data"] for row in all_of(in_redis, "alice")} == {"a memory"}
    in_redis.drop()
    assert len(all_of(longer, "alice")) == 1, "ours takes out its own alone"
    in_redis.make(DIMENSIONS)
    caught_up(stock, 1)
    stock.delete_col()
    assert all_of(longer, "alice") == [], "mem0's takes out another collection's"
    stock.client.close()
    longer.drop()
    longer.close()


def test_redis_finds_nothing_while_mem0_makes_its_index_anew(
    in_redis: Table, redis_server: Server, collection: str
) -> None:
    assert redis_server.port is not None
    in_redis.put([made({"user_id": "alice", "data": str(number)}) for number in range(3000)])
    watcher = redis.Redis(port=redis_server.port, password=redis_server.secret, protocol=2)
    before = dict(_pairs(watcher.execute_command("FT.INFO", collection)))
    stock = of_redis(redis_server, collection)
    seen = dict(_pairs(watcher.execute_command("FT.INFO", collection)))
    assert in_redis.exists()
    assert len(all_of(in_redis, "alice")) == 3000, "a table asks no index"
    caught_up(stock, 10)  # a listing without `top_k` has ten
    assert int(before[b"num_docs"]) == 3000
    assert int(seen[b"num_docs"]) < 3000, "it begins with none"
    watcher.close()
    stock.client.close()


def _pairs(flat: list[Any]) -> list[tuple[Any, Any]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def test_chroma_hands_out_the_lists_of_a_deleted_collection(chroma_server: Server, collection: str) -> None:
    assert chroma_server.port is not None
    client = chromadb.HttpClient(
        host="127.0.0.1", port=chroma_server.port, settings=Settings(anonymized_telemetry=False)
    )
    kept = client.create_collection(f"{collection}_kept", embedding_function=None)
    gone = client.create_collection(collection, embedding_function=None)
    beside = [{"user_id": "alice", "diagnoses": ["flu"], "plain": "also gone"}]
    gone.add(ids=["a"], embeddings=[[1.0, 0.0]], metadatas=beside)
    client.delete_collection(collection)
    kept.add(ids=["b"], embeddings=[[1.0, 0.0]], metadatas=[{"user_id": "bob"}])
    found = kept.get(ids=["b"])["metadatas"]
    client.delete_collection(f"{collection}_kept")
    client._server._session.close()
    client._admin_client._server._session.close()
    client.close()
    assert found == [{"user_id": "bob", "diagnoses": ["flu"]}]


def test_chroma_is_asked_for_an_estimate_where_rows_are_many(
    chroma_server: Server, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = table_of(chroma_server, collection)
    table.make(DIMENSIONS)
    vectors = [unit(1, number, 2) for number in range(-20, 20)]
    rows = [made({"user_id": "alice", "nested": {"a": None}}, vector) for vector in vectors]
    table.put([*rows, *(made({"user_id": "bob"}, vector) for vector in vectors)])
    asked = unit(-1, 3, 0)
    compared = table.nearest("alice", asked, 7)
    monkeypatch.setattr("showcase.stores.chroma_server._COMPARED", 39)
    estimated = table.nearest("alice", asked, 7)
    assert [row for row, _ in estimated] == [dataclasses.replace(row, vector=None) for row, _ in compared]
    assert [cosine for _, cosine in estimated] == pytest.approx([cosine for _, cosine in compared], abs=1e-6)
    table.drop()
    table.close()


def test_mem0s_own_client_of_chroma_is_used_where_no_proxy_is_named(
    chroma_server: Server, collection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = place_of_server(chroma_server, collection)
    plain = vector_store(place, None, collection=collection, dimensions=DIMENSIONS)
    assert "client" not in plain["config"]
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    client = vector_store(place, None, collection=collection, dimensions=DIMENSIONS)["config"]["client"]
    assert client.heartbeat() > 0, "through that proxy nothing would come back"
    client.close()


def test_chroma_is_given_no_list_to_keep(chroma_server: Server, collection: str) -> None:
    address = place_of_server(chroma_server, collection).address
    assert address is not None
    table = ChromaServerTable(address, None)
    table.make(DIMENSIONS)
    table.put([made({"user_id": "alice", "diagnoses": ["flu"]})])
    (kept,) = table._there().get(include=["metadatas"])["metadatas"]
    assert all(isinstance(value, str) for value in kept.values())
    # mem0 does give it lists: a table takes those rows out one by one.
    table._there().add(ids=["of mem0"], embeddings=[[1.0, 0.0, 0.0]], metadatas=[{"diagnoses": ["measles"]}])
    table.drop()
    other = table_of(chroma_server, f"{collection}_other")
    other.make(DIMENSIONS)
    other.put([made({"user_id": "bob"}), made({"user_id": "bob"})])
    assert [row.beside for row in all_of(other, None)] == [{"user_id": "bob"}] * 2
    other.drop()
    table.close()
    other.close()


_STOCK = """
import json, sys
from mem0.vector_stores.milvus import MilvusDB
path, what, text = sys.argv[1:]
stock = MilvusDB(url=path, token="", collection_name="stock", embedding_model_dims=3, metric_type="COSINE", db_name="")
try:
    if what == "insert":
        stock.insert(ids=["1"], vectors=[[1.0, 0.0, 0.0]], payloads=[{"user_id": text, "data": "x"}])
    print(json.dumps([row.id for row in stock.list({"user_id": text})[0]]))
except Exception as error:
    print(json.dumps(str(error)))
"""


def _stock_milvus(path: Path, what: str, user: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", _STOCK, str(path), what, user], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_milvus_answers_nobody_but_who_made_the_collection(milvus_place: Server) -> None:
    assert _stock_milvus(milvus_place.data, "insert", "alice") == ["1"]
    assert "call load() before" in _stock_milvus(milvus_place.data, "list", "alice")
    table = table_of(milvus_place, "stock")
    assert [row.memory_id for row in all_of(table, "alice")] == ["1"]
    table.close()


def test_milvus_cannot_be_asked_for_a_user_with_a_line_in_it(milvus_place: Server) -> None:
    assert "unterminated string" in _stock_milvus(milvus_place.data, "insert", "one\ntwo")
    table = table_of(milvus_place, "stock")
    assert [row.memory_id for row in all_of(table, "one\ntwo")] == ["1"]
    table.close()


def test_qdrant_takes_uuids_and_numbers_alone(qdrant_place: Server, collection: str) -> None:
    from showcase.errors import StoreError  # noqa: PLC0415 - here alone

    table = table_of(qdrant_place, collection)
    table.make(DIMENSIONS)
    table.put([made({"data": "a"}, memory_id="7"), made({"data": "b"}, memory_id=str(uuid.uuid4()))])
    with pytest.raises(StoreError, match="UUIDs and numbers"):
        table.put([made({"data": "c"}, memory_id="no id")])
    assert len(all_of(table, None)) == 2
    table.put([made({"data": "a"}, (3.0, 4.0, 0.0), "7")])
    assert table.get(["7"], vectors=True)[0].vector == pytest.approx((0.6, 0.8, 0.0)), "a direction is all it keeps"
    table.close()
