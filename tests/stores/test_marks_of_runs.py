"""What a run empties on a server: what runs alone put there, whatever marks and names around it say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from runs_on_servers import rows_of, run_on
from test_runs_on_servers import EACH, server, somebodys, verdict

from showcase.orchestrator.store_under_test import StoreUnderTest
from showcase.settings.store_address import parse
from showcase.settings.store_place import StorePlace

if TYPE_CHECKING:
    from servers import Server

__all__ = ["server"]


def users_of(server: Server, collection: str) -> set[object]:
    with rows_of(server, collection) as rows:
        return {row.beside.get("user_id") for page in rows.pages(None) for row in page}


def test_a_mark_that_outlived_its_rows_lets_nobody_elses_be_emptied(
    redis_server: Server, collection: str, tmp_path: Path
) -> None:
    import redis  # noqa: PLC0415 - an extra

    assert run_on(redis_server, collection, tmp_path / "out").exit_code == 0
    with redis.Redis(port=redis_server.port or 0, password=redis_server.secret, protocol=2) as client:
        # mem0's own `reset`: the index with its rows, and not what lies beside them.
        client.execute_command("FT.DROPINDEX", collection, "DD")
    somebodys(redis_server, collection)
    done = run_on(redis_server, collection, tmp_path / "again")
    assert done.exit_code == 4, done.stdout + done.stderr
    assert "memories lie in it whose users no run acted as, and this one would empty it" in done.stderr
    assert users_of(redis_server, collection) == {"carol"}


@EACH
def test_what_another_user_adds_to_a_runs_collection_is_not_emptied_with_it(
    server: Server, collection: str, tmp_path: Path
) -> None:
    assert run_on(server, collection, tmp_path / "out").exit_code == 0
    with rows_of(server, collection) as rows:
        row = next(row for page in rows.pages(None, vectors=True) for row in page)
        beside = {**row.beside, "user_id": "carol"}
        rows.put([type(row)(memory_id="11111111-2222-4333-8444-555555555555", beside=beside, vector=row.vector)])
    done = run_on(server, collection, tmp_path / "again")
    assert done.exit_code == 4, done.stdout + done.stderr
    assert "whose users no run acted as" in done.stderr
    assert users_of(server, collection) == {"alice", "bob", "carol"}


@EACH
def test_memories_in_a_collection_of_the_name_of_mem0s_second_one_stay(
    server: Server, collection: str, tmp_path: Path
) -> None:
    assert run_on(server, collection, tmp_path / "out").exit_code == 0
    somebodys(server, f"{collection}_entities")
    done = run_on(server, collection, tmp_path / "again")
    assert done.exit_code == 4, done.stdout + done.stderr
    assert f"the collection {collection}_entities of" in done.stderr
    assert "rows lie in it that mem0 did not make for a run" in done.stderr
    assert users_of(server, f"{collection}_entities") == {"carol"}


def test_mem0s_second_collection_of_a_run_goes_with_it(
    postgresql_server: Server, collection: str, tmp_path: Path
) -> None:
    assert run_on(postgresql_server, collection, tmp_path / "out").exit_code == 0
    row = somebodys(postgresql_server, f"{collection}_entities")
    with rows_of(postgresql_server, f"{collection}_entities") as rows:
        entity = {"data": "Lina", "entity_type": "PERSON", "linked_memory_ids": ["x"], "user_id": "alice"}
        rows.put([type(row)(memory_id=row.memory_id, beside=entity, vector=row.vector)])
    done = run_on(postgresql_server, collection, tmp_path / "again")
    assert done.exit_code == 0, done.stdout + done.stderr
    with rows_of(postgresql_server, f"{collection}_entities") as rows:
        assert not rows.exists()


def test_a_table_of_that_name_that_is_none_of_mem0s_stays(
    postgresql_server: Server, collection: str, tmp_path: Path
) -> None:
    assert run_on(postgresql_server, collection, tmp_path / "out").exit_code == 0
    with psycopg.connect(postgresql_server.url, password=postgresql_server.secret) as admin:
        admin.execute(f"CREATE TABLE {collection}_entities AS SELECT 5 AS invoice")
    done = run_on(postgresql_server, collection, tmp_path / "again")
    assert done.exit_code == 4, done.stdout + done.stderr
    with psycopg.connect(postgresql_server.url, password=postgresql_server.secret) as admin:
        assert admin.execute(f"SELECT invoice FROM {collection}_entities").fetchall() == [(5,)]  # noqa: S608 - as above


@pytest.mark.parametrize("name", ["abc", "a" * 63, "a" * 57 + "_empty", "a_empty"])
def test_the_controls_collection_is_never_the_runs_own(name: str) -> None:
    address = parse(f"postgresql://u@127.0.0.1/d?collection={name}")
    nowhere = Path("nowhere")
    store = StoreUnderTest(place=StorePlace(root=nowhere, chroma=nowhere, home=nowhere, address=address))
    assert store.empty != name
    assert len(store.empty) <= 63
    assert parse(f"postgresql://u@127.0.0.1/d?collection={store.empty}")


def test_what_the_shell_says_of_another_server_leads_no_process_of_a_run_there(
    postgresql_server: Server, collection: str, tmp_path: Path
) -> None:
    services = tmp_path / "services"
    services.write_text("[other]\nhostaddr=127.0.0.9\n", encoding="utf-8")
    there = {
        "PGHOSTADDR": "127.0.0.9",
        "PGOPTIONS": "-c nonsense=",
        "PGSERVICE": "other",
        "PGSERVICEFILE": f"{services}",
    }
    done = run_on(postgresql_server, collection, tmp_path / "out", **there)
    assert done.exit_code == 0, done.stdout + done.stderr
    assert verdict(done.log, "persistence").status == "upheld"
    assert users_of(postgresql_server, collection) == {"alice", "bob"}
