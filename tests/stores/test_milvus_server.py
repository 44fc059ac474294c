"""Milvus Lite while it is open: who may reach it, whom it speaks with, and what it leaves."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from pymilvus import MilvusClient
from tables import DIMENSIONS, all_of, made, place_of_server, table_of

from showcase.errors import StoreError
from showcase.stores import milvus_server
from showcase.stores.provider import vector_store

if TYPE_CHECKING:
    from showcase.bench.stores.servers import Server

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="gRPC has no Unix sockets there")


def internet() -> set[tuple[object, ...]]:
    return {tuple(each.laddr) for each in psutil.Process().net_connections("inet")}


def test_it_listens_at_no_port_and_at_a_socket_of_its_users_own(milvus_place: Server, collection: str) -> None:
    before, children = internet(), psutil.Process().children()
    table = table_of(milvus_place, collection)
    table.make(DIMENSIONS)
    table.put([made({"user_id": "alice", "data": "a"})])
    assert internet() <= before
    assert psutil.Process().children() == children
    named = vector_store(place_of_server(milvus_place, collection), None, collection=collection, dimensions=DIMENSIONS)
    url = named["config"]["url"]
    path = Path(url.removeprefix("unix:"))
    assert stat.S_ISSOCK(path.stat().st_mode)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.parent.stat().st_uid == os.geteuid()
    table.close()
    assert not path.parent.exists(), "it ends with the last table"


def test_the_librarys_own_way_opens_a_port_for_everybody(tmp_path: Path) -> None:
    before = internet()
    client = MilvusClient(uri=str(tmp_path / "stock.db"))
    opened = internet() - before
    client.close()
    from milvus_lite.server_manager import server_manager_instance  # noqa: PLC0415 - here alone

    server_manager_instance.release_server(str(tmp_path / "stock.db"))
    assert opened, "else a socket of our own would be for nothing"


def test_it_lives_as_long_as_the_last_of_two_tables(milvus_place: Server, collection: str) -> None:
    one, two = table_of(milvus_place, collection), table_of(milvus_place, collection)
    one.make(DIMENSIONS)
    assert two.exists()
    one.put([made({"user_id": "alice"})])
    one.close()
    assert len(all_of(two, "alice")) == 1
    two.close()
    assert milvus_server._running == {}


def test_it_writes_below_its_path_alone(milvus_place: Server, collection: str, tmp_path: Path) -> None:
    before = {each for each in tmp_path.rglob("*") if milvus_place.data not in each.parents}
    table = table_of(milvus_place, collection)
    table.make(DIMENSIONS)
    table.put([made({"user_id": "alice", "data": "a"})])
    table.close()
    after = {each for each in tmp_path.rglob("*") if milvus_place.data not in each.parents}
    assert after - before == {milvus_place.data}


def test_a_file_of_version_2_is_told(milvus_place: Server, collection: str) -> None:
    milvus_place.data.write_bytes(b"SQLite format 3\0")
    with pytest.raises(StoreError, match="Milvus Lite 2"):
        table_of(milvus_place, collection).exists()
