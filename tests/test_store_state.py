"""Looking at the store: files and tables as they are, and nothing changed by looking."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from showcase.memory import store_state

if TYPE_CHECKING:
    from pathlib import Path

    from program import Finished

    from showcase.evidence import StoreState


def make(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def found(store: Path) -> StoreState:
    state = store_state.look(store)
    assert state is not None
    return state


def rows(store: Path) -> dict[tuple[str, str], int]:
    return {(table.path, table.name): table.rows for table in found(store).tables}


def everything(store: Path) -> dict[str, tuple[int, str]]:
    """Return each path below the store, with what writing to it would change."""
    return {
        path.relative_to(store).as_posix(): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in (store, *sorted(store.rglob("*")))
    }


def test_tables_are_counted_by_file_and_name(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    make(tmp_path / "a.sqlite3", "CREATE TABLE one (x)", "INSERT INTO one VALUES (1), (2)", "CREATE TABLE two (x)")
    make(tmp_path / "deep" / "b", 'CREATE TABLE "od""d; name" (x)', 'INSERT INTO "od""d; name" VALUES (1)')
    assert rows(tmp_path) == {("a.sqlite3", "one"): 2, ("a.sqlite3", "two"): 0, ("deep/b", 'od"d; name'): 1}


def test_tables_of_sqlite_itself_and_views_are_left_out(tmp_path: Path) -> None:
    make(
        tmp_path / "a",
        "CREATE TABLE sqliteish (id INTEGER PRIMARY KEY AUTOINCREMENT)",
        "CREATE VIEW seen AS SELECT * FROM sqliteish",
    )
    assert rows(tmp_path) == {("a", "sqliteish"): 0}


@pytest.mark.parametrize("name", ["a?mode=rwc.db", "a#b%41 c.db", "ä\N{GREEK SMALL LETTER OMEGA}.db"])
def test_name_of_a_file_is_no_part_of_the_question(tmp_path: Path, name: str) -> None:
    make(tmp_path / name, "CREATE TABLE t (x)")
    before = everything(tmp_path)
    assert rows(tmp_path) == {(name, "t"): 0}
    assert everything(tmp_path) == before


def test_what_is_no_database_or_a_damaged_one_has_no_tables(tmp_path: Path) -> None:
    make(tmp_path / "whole", "CREATE TABLE t (x)", *["INSERT INTO t VALUES (randomblob(3000))"] * 9)
    data = (tmp_path / "whole").read_bytes()
    (tmp_path / "cut").write_bytes(data[:6000])
    (tmp_path / "head").write_bytes(data[:16])
    (tmp_path / "scrambled").write_bytes(data[:100] + bytes(255 - byte for byte in data[100:]))
    (tmp_path / "text").write_text("SQLite")
    (tmp_path / "empty").touch()
    assert rows(tmp_path) == {("whole", "t"): 9}
    assert len(found(tmp_path).files) == 6


def write_ahead(store: Path) -> sqlite3.Connection:
    """Return a connection that holds a row in a `-wal` file, as a process does that has not ended yet."""
    database = sqlite3.connect(store / "live.sqlite3")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE t (x)")
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.execute("INSERT INTO t VALUES (1)")
    database.commit()
    return database


def test_looking_changes_nothing(tmp_path: Path) -> None:
    with closing(write_ahead(tmp_path)):
        make(tmp_path / "quiet.sqlite3", "PRAGMA journal_mode = WAL", "CREATE TABLE t (x)")
        before = everything(tmp_path)
        state = found(tmp_path)
        assert rows(tmp_path) == {("live.sqlite3", "t"): 0, ("quiet.sqlite3", "t"): 0}
        assert everything(tmp_path) == before
        assert "live.sqlite3-wal" in before
        assert "quiet.sqlite3-wal" not in before
        assert found(tmp_path) == state


def test_a_reader_of_another_kind_would_have_changed_it(tmp_path: Path) -> None:
    """The control: opened read-only, but not as immutable, the same store gets a file that it did not have."""
    make(tmp_path / "quiet.sqlite3", "PRAGMA journal_mode = WAL", "CREATE TABLE t (x)")
    before = everything(tmp_path)
    address = f"{(tmp_path / 'quiet.sqlite3').as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        database.execute("SELECT count(*) FROM t").fetchone()
        during = everything(tmp_path)
    assert set(during) - set(before) == {"quiet.sqlite3-shm", "quiet.sqlite3-wal"}


def test_half_done_transaction_is_left_for_the_one_who_began_it(tmp_path: Path) -> None:
    """A journal that was left behind is rolled back by whoever opens the file, but not by us."""
    make(tmp_path / "a", "CREATE TABLE t (x)")
    (tmp_path / "a-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(1016))
    before = everything(tmp_path)
    assert rows(tmp_path) == {("a", "t"): 0}
    assert everything(tmp_path) == before


def test_digest_covers_contents_and_names(tmp_path: Path) -> None:
    assert store_state.look(tmp_path / "absent") is None
    make(tmp_path / "a", "CREATE TABLE t (x)")
    first = found(tmp_path)
    make(tmp_path / "a", "INSERT INTO t VALUES (1)")
    second = found(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert len({first.digest, second.digest, found(tmp_path).digest}) == 3


def test_tables_of_a_real_run_hold_what_was_planted(finished: Finished) -> None:
    sessions = finished.log.sessions
    counts = [
        {table.name: table.rows for table in state.tables}.get("embeddings")
        for session in sessions
        for state in (session.store_before, session.store_after)
        if state is not None
    ]
    assert counts[-5:] == [4, 4, 4, 4, 5]
