"""Stores that somebody writes to, or was killed over: seen as the next process will see them, and left as they are."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cut_off_writer import CUT_OFF
from inspected_stores import changed, looked, made, rows_of, snapshot, why_unseen

from showcase.errors import StoreError
from showcase.inspection import limits, look, opening
from showcase.inspection.look import inspect, place_of
from showcase.memory import store_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.inspection.header import OnDisk

USERS = {"7": 6, "alice": 3, "bob": 1, None: 1}

WRITES = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
print("ready", flush=True)
number = 100
while not sys.stdin.closed and number < 400:
    database.execute("begin immediate")
    database.execute(
        "insert into embeddings (id, segment_id, embedding_id, seq_id) "
        "select ?1, segment_id, ?1, 9 from embeddings limit 1", (number,)
    )
    database.execute("insert into embedding_metadata (id, key, string_value) values (?, 'user_id', 'carol')", (number,))
    database.execute("commit")
    number += 1
print("done", number, flush=True)
"""

HOLDS = """
import os, signal, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("pragma journal_mode = wal")
database.execute("pragma wal_autocheckpoint = 0")
database.execute(
    "insert into embeddings (id, segment_id, embedding_id, seq_id) "
    "select 100, segment_id, 'x', 9 from embeddings limit 1"
)
if sys.argv[2] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
print("ready", flush=True)
sys.stdin.read()
"""

posix = pytest.mark.skipif(sys.platform == "win32", reason="locks and signals of POSIX")


@contextmanager
def writer(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def cut_off(database: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CUT_OFF, str(database)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert Path(f"{database}-journal").stat().st_size


def test_a_store_that_another_process_writes_to(tmp_path: Path) -> None:
    store = made(tmp_path)
    seen = []
    with writer(WRITES, store / "chroma.sqlite3") as process:
        while process.poll() is None:
            found = inspect(place_of(store))
            assert not found.unseen, why_unseen(found)
            seen.append(rows_of(found).get("carol", 0))
        assert process.stdout is not None
        assert process.stdout.read() == "done 400\n", "the writer was never kept out for as long as it waits"
    assert seen == sorted(seen)
    assert rows_of(looked(store))["carol"] == 300
    assert {path.name for path in store.iterdir() if path.is_file()} == {"chroma.sqlite3"}


def test_a_store_that_is_locked(tmp_path: Path) -> None:
    store = made(tmp_path)
    with closing(sqlite3.connect(store / "chroma.sqlite3", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        found = looked(store)
        holder.execute("ROLLBACK")
    assert "locked by another process" in why_unseen(found)
    assert found.files.count, "what could be seen is told"


@posix
class TestACutOffWrite:
    def test_it_is_undone_in_a_copy(self, tmp_path: Path) -> None:
        store = made(tmp_path)
        cut_off(store / "chroma.sqlite3")
        found = looked(store)
        assert (found.database.unfinished, found.database.read) == (True, "copy")
        assert rows_of(found) == USERS
        assert not found.unseen
        assert any("holds an unfinished write" in remark for remark in found.remarks)

    def test_what_is_too_large_is_not_copied_unasked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store = made(tmp_path)
        cut_off(store / "chroma.sqlite3")
        monkeypatch.setattr(opening, "COPY_BYTES", 100_000)
        found = looked(store)
        assert found.database.unfinished is True, "that much is seen without a copy"
        assert (found.database.read, found.chroma) == (None, None)
        (missed,) = found.unseen
        assert "takes a copy of" in missed.why
        assert missed.fix.startswith("showcase inspect --copy ")
        assert rows_of(looked(store, any_length=True)) == USERS

    def test_the_time_for_a_look_begins_when_the_copy_is_made(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = made(tmp_path)
        cut_off(store / "chroma.sqlite3")
        copied = opening._copied

        def slowly(found: OnDisk, place: Path, *, copy: str, any_length: bool) -> Path:
            private = copied(found, place, copy=copy, any_length=any_length)
            over[0]._until = 0.0
            return private

        over: list[limits.Clock] = []
        monkeypatch.setattr(opening, "_copied", slowly)
        reading = opening.reading
        monkeypatch.setattr(
            look, "reading", lambda found, clock, **rest: over.append(clock) or reading(found, clock, **rest)
        )
        assert rows_of(looked(store)) == USERS

    def test_there_is_no_room_for_a_copy(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store = made(tmp_path)
        cut_off(store / "chroma.sqlite3")
        usage = shutil.disk_usage(tmp_path)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
        assert "no room for a copy" in why_unseen(looked(store, any_length=True))

    def test_somebody_writes_while_it_is_copied(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store = made(tmp_path)
        database = store / "chroma.sqlite3"
        cut_off(database)
        copied = opening._copy

        def meanwhile(source: Path, target: Path, length: int) -> None:
            copied(source, target, length)
            if source == database:
                database.write_bytes(database.read_bytes())

        monkeypatch.setattr(opening, "_copy", meanwhile)
        assert "it changed while it was copied" in why_unseen(inspect(place_of(store)))

    @pytest.mark.parametrize("who", ["inspect", "doctor"])
    def test_a_journal_that_names_another_file_removes_nothing(self, tmp_path: Path, who: str) -> None:
        """SQLite removes the file that the end of a journal names, once it has undone what is in it."""
        store, victim = made(tmp_path / "store"), tmp_path / "thesis.txt"
        victim.write_text("years of work, and no names of journals\n")
        cut_off(store / "chroma.sqlite3")
        name = str(victim).encode()
        with Path(f"{store / 'chroma.sqlite3'}-journal").open("ab") as journal:
            # https://www.sqlite.org/src/file/src/pager.c, writeSuperJournal
            lock_page = 2**30 // 4096 + 1
            end = struct.pack(">I", lock_page) + name + struct.pack(">II", len(name), sum(name))
            journal.write(end + bytes.fromhex("d9d505f920a163d7"))
        if who == "inspect":
            found = looked(store)
            assert victim.exists()
            assert "names a file elsewhere" in why_unseen(found)
            assert found.database.unfinished is True
        else:
            with suppress(sqlite3.Error), store_files.reading(store / "chroma.sqlite3") as database:
                database.execute("SELECT count(*) FROM sqlite_master").fetchall()
            assert victim.exists()


@posix
class TestAWriteAheadLog:
    @pytest.mark.parametrize("how", ["held", "killed", "killed, no index", "closed"])
    def test_nothing_is_made_beside_it(self, tmp_path: Path, how: str) -> None:
        store = made(tmp_path)
        database = store / "chroma.sqlite3"
        if how == "held":
            with writer(HOLDS, database, "hold"):
                found = looked(store)
        elif how == "closed":
            with writer(HOLDS, database, "hold"):
                pass
            found = looked(store)
        else:
            subprocess.run([sys.executable, "-c", HOLDS, str(database), "kill"], check=False)
            if "no index" in how:
                Path(f"{database}-shm").unlink()
            found = looked(store)
        assert not found.unseen
        assert found.chroma.rows == 12, "with what is in the log alone"
        assert found.database.log == "write-ahead log"
        assert found.database.unfinished is False
        assert bool(found.database.wal_frames) is (how != "closed")
        assert found.database.read == ("in place" if how in ("held", "killed") else "copy")

    def test_one_that_is_too_large_is_not_copied_unasked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store = changed(made(tmp_path), "PRAGMA journal_mode = WAL")
        monkeypatch.setattr(opening, "COPY_BYTES", 100_000)
        assert "takes a copy of" in why_unseen(looked(store))

    def test_the_index_of_a_writer_is_not_marked(self, tmp_path: Path) -> None:
        store = made(tmp_path)
        with writer(HOLDS, store / "chroma.sqlite3", "hold"):
            index = Path(f"{store / 'chroma.sqlite3'}-shm")
            before = index.read_bytes()
            inspect(place_of(store))
            assert index.read_bytes() == before


def test_a_store_in_a_directory_that_may_not_be_written_to(tmp_path: Path) -> None:
    store = made(tmp_path / "store")
    store.chmod(0o500)
    try:
        assert rows_of(looked(store)) == USERS
    finally:
        store.chmod(0o700)


def test_the_database_by_its_own_name(tmp_path: Path) -> None:
    store = made(tmp_path / "store")
    before = snapshot(store)
    assert rows_of(inspect(place_of(store / "chroma.sqlite3"))) == USERS
    assert snapshot(store) == before


def test_a_directory_that_may_not_be_looked_into_is_an_error(tmp_path: Path) -> None:
    import os  # noqa: PLC0415 - for one mark

    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        pytest.skip("root may look anywhere")
    store = made(tmp_path / "store")
    store.chmod(0)
    try:
        with pytest.raises(StoreError, match="Permission denied"):
            place_of(store)
    finally:
        store.chmod(0o700)
