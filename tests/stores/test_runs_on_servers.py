"""Whole runs on real servers: what is claimed holds, nothing of others is emptied, and no password is anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest
from program import Finished, run, showcase
from runs_on_servers import rows_of, run_on, secret, url
from shared import finished_once

from showcase.evidence import Endpoint
from showcase.memory.run_mark import is_of_a_run
from showcase.stores.interface import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.bench.stores.servers import Server
    from showcase.evidence import Run, Verdict

EACH = pytest.mark.parametrize("server", ["postgresql", "chroma", "redis"], indirect=True)
PLANTED, OF_BOTH = 4, 5
"""Rows of the first user, and of both, in the shipped scenario."""


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    """The server of an engine by its name."""
    found: Server = request.getfixturevalue(f"{request.param}_server")
    return found


def verdict(log: Run, claim: str) -> Verdict:
    return next(each for each in log.claims if each.id == claim)


def somebodys(server: Server, collection: str) -> Row:
    """Put a row of somebody else's there, as another program would, and return it."""
    row = Row(
        memory_id="11111111-2222-4333-8444-555555555555",
        beside={"data": "Carol keeps bees", "user_id": "carol", "hash": "x"},
        vector=(1.0, 0.0, 0.0, 0.0),
    )
    with rows_of(server, collection) as rows:
        rows.make(4)
        rows.put([row])
    return row


@EACH
def test_every_claim_is_upheld_on_a_server_and_the_next_run_begins_anew(
    server: Server, collection: str, tmp_path: Path
) -> None:
    for _ in range(2):
        done = run_on(server, collection, tmp_path / "out")
        assert done.exit_code == 0, done.stdout + done.stderr
    log = done.log
    assert log.store is not None
    assert log.store.endpoint == Endpoint(address="127.0.0.1", port=server.port or 0)
    assert (log.store.kind, log.store.collection, log.store.tls) == (server.kind, collection, False)
    assert log.engine is not None
    assert log.policy.allowed == (log.engine.endpoint, log.store.endpoint)
    assert log.policy.rules == ()
    assert f"127.0.0.1:{server.port}" in verdict(log, "egress").reason
    assert f"the store's server ({log.store.version})" in verdict(log, "daemon").reason
    assert {each.by for item in log.sessions for each in (item.store_before, item.store_after) if each} == {"rows"}
    left = log.sessions[-1].store_after
    assert left is not None
    assert [(each.name, each.rows) for each in left.tables] == [(collection, OF_BOTH)], "the second began anew"
    with rows_of(server, collection) as rows:
        assert is_of_a_run(rows.mark())
        assert len([row for page in rows.pages(None) for row in page]) == OF_BOTH
    with rows_of(server, f"{collection}_empty") as rows:
        assert not rows.exists(), "the control's collection is gone"
    assert f"Store:  {log.store.version} at 127.0.0.1:{server.port}, collection {collection}" in done.stdout


@EACH
def test_a_collection_that_no_run_made_is_left_as_it_is(server: Server, collection: str, tmp_path: Path) -> None:
    row = somebodys(server, collection)
    done = run_on(server, collection, tmp_path / "out")
    assert done.exit_code == 4, done.stdout + done.stderr
    assert f"the collection {collection} of 127.0.0.1:{server.port} holds memories of others" in done.stderr
    assert "--keep-store" in done.stderr
    assert "?collection=OTHER" in done.stderr
    assert not (tmp_path / "out" / "run-log.json").exists()
    with rows_of(server, collection) as rows:
        (there,) = (each for page in rows.pages(None) for each in page)
    assert (there.memory_id, there.beside["data"]) == (row.memory_id, row.beside["data"])


def test_a_collection_of_the_controls_name_is_not_dropped_either(
    postgresql_server: Server, collection: str, tmp_path: Path
) -> None:
    somebodys(postgresql_server, f"{collection}_empty")
    done = run_on(postgresql_server, collection, tmp_path / "out")
    assert done.exit_code == 4, done.stdout + done.stderr
    assert f"the collection {collection}_empty of" in done.stderr
    with rows_of(postgresql_server, f"{collection}_empty") as rows:
        assert len(list(rows.pages(None))) == 1


def test_a_run_beside_rows_of_others_keeps_them(postgresql_server: Server, collection: str, tmp_path: Path) -> None:
    first = run_on(postgresql_server, collection, tmp_path / "out", "--phase", "1")
    with rows_of(postgresql_server, collection) as rows:
        before = {row.memory_id for page in rows.pages(None) for row in page}
        rows.set_mark("somebody's own comment")
    again = run_on(postgresql_server, collection, tmp_path / "again", "--keep-store")
    assert again.exit_code == 0, first.stderr + again.stdout + again.stderr
    with rows_of(postgresql_server, collection) as rows:
        assert before < {row.memory_id for page in rows.pages(None) for row in page}


@pytest.fixture(scope="session")
def changed_between(tmp_path_factory: pytest.TempPathFactory, postgresql_server: Server) -> Finished:
    """Three phases, between the first two of which another client changed a row."""

    def phases(out: Path) -> Finished:
        run_on(postgresql_server, "changed_between", out, "--phase", "1")
        with rows_of(postgresql_server, "changed_between") as rows:
            row = next(row for page in rows.pages(None, vectors=True) for row in page)
            vector = row.vector or ()
            rows.put([replace(row, vector=(vector[0] + 0.001, *vector[1:]))])
        for phase in ("2", "3"):
            done = run_on(postgresql_server, "changed_between", out, "--phase", phase)
        return replace(done, exit_code=0 if done.exit_code == 1 else 99)

    return finished_once(tmp_path_factory, "changed-between", phases)


def test_a_row_that_another_client_changed_between_sessions_breaks_persistence(changed_between: Finished) -> None:
    found = verdict(changed_between.log, "persistence")
    assert found.status == "broken"
    assert found.reason == "the store changed between session 1's end and session 2's start"


def test_the_log_says_the_same_where_the_engines_library_is_not_installed(changed_between: Finished) -> None:
    code = "import sys; sys.modules['psycopg'] = None; from showcase.cli import main; sys.exit(main(sys.argv[1:]))"
    place = str(changed_between.out / "run-log.json")
    done = subprocess.run(
        [sys.executable, "-c", code, "verify", "--json", place], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    said = {each["id"]: each["status"] for each in json.loads(done.stdout)["claims"]}
    assert said == {each.id: each.status for each in changed_between.log.claims}
    assert said["persistence"] == "broken"


def everything_said(process: psutil.Process) -> Iterator[str]:
    """Yield arguments and names of a process and of all below it, as any user of the machine can list them."""
    with suppress(psutil.Error):
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                yield " ".join((each.name(), *each.cmdline()))


def test_a_password_is_in_no_argument_title_file_or_line(
    postgresql_server: Server, collection: str, tmp_path: Path
) -> None:
    password = postgresql_server.secret
    assert password
    command = [sys.executable, "-m", "showcase", "run", "--engine", "rehearsal", "--no-drill", "--out", str(tmp_path)]
    command = [*command[:-1], str(tmp_path / "out"), "--store", url(postgresql_server, collection)]
    heard: set[str] = set()
    with subprocess.Popen(
        command,
        env={**os.environ, **secret(postgresql_server)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    ) as running:
        process = psutil.Process(running.pid)
        while running.poll() is None:
            heard |= set(everything_said(process))
            with suppress(subprocess.TimeoutExpired):
                running.wait(0.05)
        assert running.stdout is not None
        printed = running.stdout.read()
    assert running.returncode == 0, printed
    assert any("showcase.worker" in each for each in heard), "the sessions were looked at"
    assert password not in "\n".join(heard)
    assert password not in printed
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert {"run-log.json", "session-1.jsonl"} <= {path.name for path in files}
    assert [path.name for path in files if password.encode() in path.read_bytes()] == []


def test_a_wrong_password_is_no_part_of_what_is_said(
    postgresql_server: Server, collection: str, tmp_path: Path
) -> None:
    done = run_on(
        postgresql_server,
        collection,
        tmp_path / "out",
        SHOWCASE_STORE_SECRET="a-wrong-one-for-sure",  # noqa: S106
    )
    assert done.exit_code == 4, done.stdout + done.stderr
    assert "SHOWCASE_STORE_SECRET_FILE" in done.stderr
    assert "a-wrong-one-for-sure" not in done.stdout + done.stderr
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert [path.name for path in files if b"a-wrong-one-for-sure" in path.read_bytes()] == []


def test_phases_keep_to_one_store(postgresql_server: Server, collection: str, tmp_path: Path) -> None:
    assert run_on(postgresql_server, collection, tmp_path / "out", "--phase", "1").exit_code == 3
    elsewhere = run(tmp_path / "out", "--phase", "2")
    assert elsewhere.exit_code == 2, elsewhere.stdout + elsewhere.stderr
    assert "the phases before this one used another store: 127.0.0.1" in elsewhere.stderr
    for phase in ("2", "3"):
        done = run_on(postgresql_server, collection, tmp_path / "out", "--phase", phase)
    assert done.exit_code == 0, done.stdout + done.stderr


def test_nobody_is_forgotten_on_a_server(tmp_path: Path) -> None:
    done = run(tmp_path / "out", "--forget", "--store", "postgresql://u@127.0.0.1:1/d")
    assert done.exit_code == 2
    assert "reading every byte of an embedded Chroma" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_server_that_is_not_there_is_named_before_anything_starts(tmp_path: Path) -> None:
    done = run(tmp_path / "out", "--store", "postgresql://u@127.0.0.1:1/d")
    assert done.exit_code == 4, done.stdout + done.stderr
    assert "postgresql://u@127.0.0.1:1/d" in done.stderr
    assert "session 1" not in done.stderr


def test_a_directory_of_everyday_memories_is_never_emptied(tmp_path: Path) -> None:
    store = tmp_path / "mine"
    added = showcase(
        "memories", "add", "--engine", "rehearsal", "--store", str(store), "--user-id", "carol", "I keep bees"
    )
    assert added.returncode == 0, added.stdout + added.stderr
    done = run(tmp_path / "out", "--no-drill", "--store", str(store))
    assert done.exit_code == 4, done.stdout + done.stderr
    assert "holds memories of others, and a run would empty it" in done.stderr
    listed = showcase("memories", "list", "--store", str(store), "--user-id", "carol")
    assert "I keep bees" in listed.stdout


def test_a_directory_of_its_own_is_a_runs_to_empty(tmp_path: Path) -> None:
    for _ in range(2):
        done = run(tmp_path / "out", "--no-drill", "--store", str(tmp_path / "store"))
        assert done.exit_code == 0, done.stdout + done.stderr
    assert (tmp_path / "store" / "mem0_chroma" / "chroma.sqlite3").is_file()
    assert not list((tmp_path / "out" / "mem0_chroma").iterdir())
    log = done.log
    assert log.store is not None
    assert (log.store.host, log.store.is_here) == ("", True)
    assert str(tmp_path) not in (tmp_path / "out" / "run-log.json").read_text(encoding="utf-8")
