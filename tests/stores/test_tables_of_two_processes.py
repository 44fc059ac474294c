"""Two processes at one store: each sees what the other wrote, or is told why it cannot."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from other_process import OtherProcess
from tables import DIMENSIONS, EMBEDDED, KINDS, SERVERS, all_of, by_id, made, place_of_server, server_of, table_of

from showcase.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.bench.stores.servers import Server


@pytest.fixture(autouse=True)
def data_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@contextmanager
def other(server: Server, collection: str) -> Iterator[OtherProcess]:
    process = OtherProcess(str(place_of_server(server, collection).address), server.secret)
    try:
        yield process
        process.end()
    finally:
        process.kill()


@pytest.mark.parametrize("kind", SERVERS)
def test_each_sees_at_once_what_the_other_wrote(kind: str, request: pytest.FixtureRequest, collection: str) -> None:
    server = server_of(kind, request)
    mine = table_of(server, collection)
    mine.make(DIMENSIONS)
    mine.set_mark("made here")
    with other(server, collection) as process:
        assert process.ask(mark=True) == "made here"
        for turn in range(10):
            row = made({"user_id": "alice", "data": f"mine {turn}", "updated_at": None})
            mine.put([row])
            assert process.ask(rows="alice")[row.memory_id] == row.beside
            assert row.memory_id in process.ask(nearest="alice")
            theirs = str(uuid.uuid4())
            process.ask(put={theirs: {"user_id": "alice", "data": f"theirs {turn}"}})
            assert by_id(all_of(mine, "alice"))[theirs] == {"user_id": "alice", "data": f"theirs {turn}"}
            assert [each.memory_id for each in mine.get([theirs])] == [theirs]
            process.ask(put={theirs: {"user_id": "bob"}})
            assert theirs not in by_id(all_of(mine, "alice"))
            mine.delete([theirs])
            assert theirs not in process.ask(rows=None)
            process.ask(delete=[row.memory_id])
            assert all_of(mine, None) == []
    mine.drop()
    mine.close()


@pytest.mark.parametrize("kind", EMBEDDED)
def test_one_alone_has_an_embedded_store_open(kind: str, request: pytest.FixtureRequest, collection: str) -> None:
    server = server_of(kind, request)
    mine = table_of(server, collection)
    mine.make(DIMENSIONS)
    mine.put([made({"user_id": "alice", "data": "mine"})])
    mine.close()
    with other(server, collection) as process:
        theirs = str(uuid.uuid4())
        process.ask(put={theirs: {"user_id": "alice", "data": "theirs"}})
        assert len(process.ask(rows="alice")) == 2
        with pytest.raises(StoreError, match="another process has the store") as caught:
            all_of(mine, "alice")
        assert caught.value.hint
        process.ask(close=True)
        assert theirs in by_id(all_of(mine, "alice"))
        mine.delete([theirs])
        mine.close()
        assert len(process.ask(rows="alice")) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_put_outlives_the_process_that_put_it(
    kind: str, request: pytest.FixtureRequest, collection: str
) -> None:
    server = server_of(kind, request)
    mine = table_of(server, collection)
    mine.make(DIMENSIONS)
    mine.close()
    ids = [str(uuid.uuid4()) for _ in range(20)]
    process = OtherProcess(str(place_of_server(server, collection).address), server.secret)
    try:
        process.ask(put={each: {"user_id": "alice", "data": each} for each in ids})
        process.ask(delete=ids[:5])
    finally:
        process.kill()
    assert set(by_id(all_of(mine, "alice"))) == set(ids[5:])
    assert len(mine.nearest("alice", (1.0, 0.0, 0.0), 50)) == 15
    mine.drop()
    mine.close()
