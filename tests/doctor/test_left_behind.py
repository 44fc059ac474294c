"""A store that somebody left in the middle of something: said as it is, and no memory is thrown away for it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import left_behind
import pytest
from cut_off_writer import CUT_OFF
from looked_at import doctor, make_store

from showcase.memory import store_state
from showcase.memory.store_files import index_flaw, reading, sqlite_flaw

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INDEX = ("header.bin", "data_level0.bin", "length.bin", "link_lists.bin", "index_metadata.pickle")
DAMAGES = (left_behind.remove, left_behind.cut, left_behind.cut_by_one, left_behind.empty)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return left_behind.fill(tmp_path_factory.mktemp("filled"))


def looked(out: Path, check: str = "store") -> list[dict[str, str]]:
    _, found = doctor("--out", str(out), cwd=out.parent)
    return found[check]


def test_a_write_that_was_cut_off_is_no_damage_and_the_next_writer_rolls_it_back(tmp_path: Path) -> None:
    out = tmp_path / "out"
    store = make_store(out, 256)
    left_behind.killed(CUT_OFF, store / "chroma.sqlite3")
    before = store_state.look(store)
    status, found = doctor("--out", str(out), cwd=tmp_path)
    assert status == 0
    (said,) = found["store"]
    assert said["level"] == "warning"
    assert "an unfinished write of a process that was ended, which the next run rolls back" in said["message"]
    assert "2 rows are whole" in said["message"]
    assert "new one" not in said["fix"]
    assert [each["level"] for each in found["dimensions"]] == ["ok"]
    assert store_state.look(store) == before, "looking changed nothing"
    with closing(sqlite3.connect(store / "chroma.sqlite3")) as database:
        assert database.execute("select count(*) from embeddings").fetchone() == (2,)


def test_a_log_of_writes_is_read_with_the_database_and_left_as_it_is(tmp_path: Path) -> None:
    """What waits in the log is what the next process sees: here, that the rows are gone."""
    store = make_store(tmp_path / "out", 256)
    left_behind.killed(left_behind.WITH_A_LOG, store / "chroma.sqlite3")
    before = store_state.look(store)
    (said,) = looked(tmp_path / "out")
    assert "is whole and holds 0 rows" in said["message"]
    assert store_state.look(store) == before


def test_a_whole_index_is_whole(filled: Path) -> None:
    with reading(filled / "chroma.sqlite3") as database:
        assert index_flaw(filled, database) is None
    assert looked(filled.parent)[0]["level"] == "ok"


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda each: each.__name__)
@pytest.mark.parametrize("name", INDEX)
def test_an_index_that_is_not_whole_is_found(
    filled: Path, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    store = left_behind.copied(filled, tmp_path)
    damage(left_behind.index_of(store) / name)
    with reading(store / "chroma.sqlite3") as database:
        found = index_flaw(store, database)
    assert found is not None
    assert name in found


def test_the_doctor_tells_of_an_index_that_was_cut(filled: Path, tmp_path: Path) -> None:
    store = left_behind.copied(filled, tmp_path / "out")
    left_behind.cut(left_behind.index_of(store) / "data_level0.bin")
    (said,) = looked(tmp_path / "out")
    assert said["level"] == "problem"
    assert "data_level0.bin" in said["message"]


def test_vectors_that_still_wait_in_the_database_need_no_index(tmp_path: Path) -> None:
    store = make_store(tmp_path / "out", 8)
    for path in left_behind.index_of(store).iterdir():
        path.unlink()
    with reading(store / "chroma.sqlite3") as database:
        assert index_flaw(store, database) is None


@pytest.mark.parametrize("name", ["mem0_chroma/chroma.sqlite3", "mem0_home/history.db"])
def test_a_directory_where_a_database_belongs(tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    make_store(out, 256)
    (out / "mem0_home").mkdir()
    left_behind.become_a_directory(out / name)
    said = [each for each in looked(out) if each["level"] == "problem"]
    assert [f"{name} is a directory, and no database" in each["message"] for each in said] == [True]


def test_an_empty_database_is_no_damage(tmp_path: Path) -> None:
    out = tmp_path / "out"
    left_behind.empty(make_store(out, 256) / "chroma.sqlite3")
    status, found = doctor("--out", str(out), cwd=tmp_path)
    assert status == 0
    assert "is empty: no memory is in it" in found["store"][0]["message"]


@pytest.mark.parametrize(
    ("name", "what"), [("mem0_chroma/chroma.sqlite3", "mem0_chroma"), ("mem0_home/history.db", "mem0's history")]
)
def test_whose_lock_it_is_is_said(tmp_path: Path, name: str, what: str) -> None:
    out = tmp_path / "out"
    make_store(out, 256)
    (out / "mem0_home").mkdir()
    with closing(sqlite3.connect(out / name)) as database:
        database.execute("create table if not exists history (a)")
        database.commit()
    with left_behind.held(out / name):
        said = [each for each in looked(out) if "is locked by another process" in each["message"]]
    assert [(what in each["message"], each["fix"].endswith(name)) for each in said] == [(True, True)]


def test_a_history_that_is_damaged_is_put_aside_and_the_memories_stay(tmp_path: Path) -> None:
    out = tmp_path / "out"
    make_store(out, 256)
    (out / "mem0_home").mkdir()
    (out / "mem0_home" / "history.db").write_text("no database at all, but long enough to be read as one" * 9)
    said = [each for each in looked(out) if each["level"] == "problem"]
    assert ["mv " in each["fix"] and "the memories stay" in each["fix"] for each in said] == [True]


def test_a_store_of_long_ago_is_no_new_one(tmp_path: Path) -> None:
    store = tmp_path / "out" / "mem0_chroma"
    store.mkdir(parents=True)
    (store / "chroma-embeddings.parquet").write_bytes(b"PAR1")
    assert "before 0.4" in looked(tmp_path / "out")[0]["message"]


def test_an_sqlite_that_chroma_refuses_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sqlite_flaw() is None
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.34.1")
    assert sqlite_flaw() == "this Python has SQLite 3.34.1, and Chroma needs 3.35.0 or newer"
