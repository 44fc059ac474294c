"""Stores that were made to be looked at: they cost neither memory nor time without end, and nothing of them is run."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from inspected_stores import changed, looked, made, rows_of, why_unseen

from showcase.errors import UsageError
from showcase.inspection import files, limits
from showcase.inspection.look import inspect, place_of

if TYPE_CHECKING:
    from pathlib import Path

USERS = {"7": 6, "alice": 3, "bob": 1, None: 1}
LONG = 10 * 2**30

posix = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and modes of POSIX")
not_as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may look anywhere")

MEASURED = """
import json, resource, sys
from pathlib import Path
from showcase.inspection.look import inspect, place_of
from showcase.inspection.opening import bound_heap
bound_heap()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = inspect(place_of(Path(sys.argv[1])))
print(json.dumps([resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, len(found.unseen)]))
"""


def grown_mib(store: Path) -> float:
    """Return by how much a process of its own grew over a look."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(store)], capture_output=True, text=True, check=True, timeout=240
    )
    return float(done.stdout.partition(",")[0].strip("[")) / 1024


@posix
class TestWhatIsNoFile:
    def test_links_are_told_and_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "secret").mkdir()
        (tmp_path / "secret" / "key").write_text("x")
        store = made(tmp_path / "store")
        (store / "round").symlink_to(store)
        (store / "self").symlink_to("self")
        (store / "out").symlink_to(tmp_path / "secret")
        (store / "mem0_home").symlink_to(tmp_path / "secret")
        found = looked(store)
        assert why_unseen(found) == "mem0's history: mem0_home is a link, and none is followed"
        kinds = {entry.path: (entry.kind, entry.target) for entry in found.files.listed}
        assert kinds["out"] == ("link", str(tmp_path / "secret"))
        assert kinds["self"] == ("link", "self")
        assert not any("key" in path for path in kinds)
        assert any("4 links not followed" in remark for remark in found.remarks)

    @pytest.mark.parametrize("name", ["chroma.sqlite3", "mem0_chroma"])
    def test_a_link_in_place_of_a_part_is_not_followed(self, tmp_path: Path, name: str) -> None:
        real, store = made(tmp_path / "real"), tmp_path / "store"
        store.mkdir()
        (store / name).symlink_to(real / name if name == "chroma.sqlite3" else real)
        if name == "mem0_chroma":
            with pytest.raises(UsageError, match="mem0_chroma is a link"):
                place_of(store)
            return
        found = looked(store)
        assert "it is no regular file but a link" in why_unseen(found).replace("chroma.sqlite3 is", "it is")
        assert found.database is None

    @pytest.mark.parametrize(
        "name", ["chroma.sqlite3", "chroma.sqlite3-journal", "chroma.sqlite3-wal", "chroma.sqlite3-shm"]
    )
    @pytest.mark.parametrize("kind", ["named pipe", "socket", "directory", "link"])
    def test_nothing_waits_for_what_stands_in_place_of_a_database(
        self, tmp_path: Path, name: str, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = made(tmp_path / "store")
        place = store / name
        place.unlink(missing_ok=True)
        if kind == "named pipe":
            os.mkfifo(place)
        elif kind == "socket":
            monkeypatch.chdir(store)  # its name may be no longer than 108 bytes
            with socket.socket(socket.AF_UNIX) as made_here:
                made_here.bind(name)
        elif kind == "directory":
            place.mkdir()
        else:
            place.symlink_to("/dev/zero")
        found = looked(store)
        assert f"{name} is no regular file but a {kind}" in why_unseen(found)
        assert found.chroma is None
        assert found.files.count

    @pytest.mark.parametrize("suffix", ["-journal", "-wal", "-shm"])
    def test_the_doctor_and_a_run_wait_for_no_pipe_either(self, tmp_path: Path, suffix: str) -> None:
        store = made(tmp_path)
        os.mkfifo(f"{store / 'chroma.sqlite3'}{suffix}")
        read = "import sys; from pathlib import Path; from showcase.engines.models.dimensions import store_dimensions"
        done = subprocess.run(
            [sys.executable, "-c", f"{read}; store_dimensions(Path(sys.argv[1]))", str(store)],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert f"chroma.sqlite3{suffix} beside it is no regular file" in done.stderr

    @pytest.mark.parametrize("name", ["mem0_home/history.db", "mem0_home/showcase-store.json"])
    def test_nor_for_a_pipe_beside_it(self, tmp_path: Path, name: str) -> None:
        store = made(tmp_path)
        (store / "mem0_home").mkdir()
        os.mkfifo(store / name)
        found = looked(store)
        assert rows_of(found) == USERS
        assert "named pipe" in why_unseen(found) + found.not_remembered

    def test_a_history_that_is_none(self, tmp_path: Path) -> None:
        store = made(tmp_path)
        (store / "mem0_home").mkdir()
        (store / "mem0_home" / "history.db").write_text("no database, and long enough to be read as one" * 9)
        found = looked(store)
        assert rows_of(found) == USERS
        assert "no SQLite database" in why_unseen(found)


class TestLength:
    @posix
    def test_files_with_holes_are_told_by_what_they_take(self, tmp_path: Path) -> None:
        store = made(tmp_path)
        with (store / "data_level0.bin").open("wb") as file:
            file.truncate(LONG)
        with (store / "chroma.sqlite3").open("r+b") as file:
            file.truncate(LONG)
        found = inspect(place_of(store))
        assert found.files.size_bytes > 2 * LONG
        assert found.files.disk_bytes < 2**20
        assert rows_of(found) == USERS
        assert any("has holes: 10.0 GiB long" in remark for remark in found.remarks)
        assert grown_mib(store) < 64

    @posix
    def test_a_cut_off_write_in_10_gib_is_not_copied(self, tmp_path: Path) -> None:
        store = changed(made(tmp_path), "PRAGMA journal_mode = WAL")
        with (store / "chroma.sqlite3").open("r+b") as file:
            file.truncate(LONG)
        assert "takes a copy of 10,737,418,240 bytes" in why_unseen(inspect(place_of(store)))
        assert not list(tmp_path.glob("*copy*"))

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="before, SQLite's heap alone is bounded, to 256 MiB")
    @posix
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE embedding_metadata SET string_value = hex(zeroblob(64000000)) WHERE key = 'user_id'",
            "UPDATE collections SET name = hex(zeroblob(64000000)) || id",
            "UPDATE collections SET schema_str = hex(zeroblob(64000000))",
            "UPDATE segments SET type = hex(zeroblob(64000000))",
            "UPDATE embeddings_queue SET topic = hex(zeroblob(64000000))",
        ],
    )
    def test_a_value_of_128_mb_is_not_brought_into_memory(self, tmp_path: Path, statement: str) -> None:
        store = changed(made(tmp_path), statement)
        assert grown_mib(store) < 64
        found = inspect(place_of(store))
        assert "too big" in why_unseen(found)
        assert found.files.count

    def test_more_files_than_are_counted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(files, "MOST_ENTRIES", 50)
        monkeypatch.setattr(files, "MOST_LISTED", 20)
        store = made(tmp_path)
        for number in range(100):
            (store / f"file {number}").touch()
        found = looked(store)
        assert (found.files.count <= 50, len(found.files.listed), found.files.whole) == (True, 20, False)
        assert "more than 50 files" in why_unseen(found)
        assert found.chroma.orphaned is None, "what was not seen whole has no end"

    def test_directories_in_each_other_without_end(self, tmp_path: Path) -> None:
        store = made(tmp_path)
        place = store
        for _ in range(40):
            place /= "d" * 90
            try:
                place.mkdir()
            except OSError:
                break
        assert "directories lie in each other" in why_unseen(inspect(place_of(store)))

    def test_more_users_than_are_counted_apart(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from showcase.inspection import counting  # noqa: PLC0415 - patched

        monkeypatch.setattr(counting, "MOST_APART", 2)
        held = looked(made(tmp_path)).chroma
        assert held.rows == 11
        assert held.user_count is None
        assert held.rows_without_user is None

    def test_a_schema_of_many_objects(self, tmp_path: Path) -> None:
        store = made(tmp_path)
        with closing(sqlite3.connect(store / "chroma.sqlite3")) as database:
            for number in range(limits.MOST_OBJECTS):
                database.execute(f"CREATE TABLE t{number} (a)")
            database.commit()
        found = looked(store)
        assert rows_of(found) == USERS
        assert any("more than 2,000 tables" in each for each in found.chroma.strange)


@posix
@not_as_root
def test_a_directory_that_may_not_be_entered_loses_nothing_else(tmp_path: Path) -> None:
    store = made(tmp_path)
    closed = store / "closed"
    closed.mkdir()
    (closed / "x").touch()
    closed.chmod(0)
    try:
        found = inspect(place_of(store))
    finally:
        closed.chmod(0o700)
    assert "closed: Permission denied" in why_unseen(found)
    assert rows_of(found) == USERS
    assert found.chroma.orphaned is None


@posix
@not_as_root
def test_a_database_that_may_not_be_read(tmp_path: Path) -> None:
    store = made(tmp_path)
    (store / "chroma.sqlite3").chmod(0)
    found = inspect(place_of(store))
    assert "Permission denied" in why_unseen(found)
    assert found.files.count == 4


@posix
def test_who_may_read_is_told_with_the_directories_above(tmp_path: Path) -> None:
    top = tmp_path / "top"
    store = made(top / "store")
    for path in (store, *store.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (store / "chroma.sqlite3").chmod(0o666)
    closed = looked(store)
    assert closed.parents[-1].path == str(store.resolve())
    told = {each.path: each for each in closed.parents}
    assert told[str(tmp_path.resolve())].others_may_enter is False, "pytest's own directories are 0700"
    assert (closed.files.readable_by_others, closed.files.writable_by_others) == (0, 0)
    (database,) = [entry for entry in closed.files.listed if entry.path == "chroma.sqlite3"]
    assert (database.mode, database.owner, database.others_may_read) == ("0666", os.getuid(), False)


@posix
def test_who_may_read_where_all_directories_are_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = made(tmp_path)
    for path in (store, *store.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (store / "chroma.sqlite3").chmod(0o666)
    above = files.parents(store)
    from dataclasses import replace  # noqa: PLC0415 - here alone

    from showcase.inspection import look  # noqa: PLC0415 - patched

    monkeypatch.setattr(look, "parents", lambda _: tuple(replace(each, others_may_enter=True) for each in above))
    found = inspect(place_of(store))
    assert (found.files.readable_by_others, found.files.writable_by_others) == (4, 1)
    assert any("can read 4 files" in remark for remark in found.remarks)
    assert any("can change 1 file" in remark for remark in found.remarks)
