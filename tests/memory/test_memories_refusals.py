"""`showcase memories export` and `import` as they are typed, and what each command refuses, with what fixes it."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import sys
from typing import TYPE_CHECKING

import pytest
from kept_stores import LAYOUTS, OF_TWO, Typed, everything, made, typed

from showcase.memory import store_record
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from pathlib import Path


Capture = pytest.CaptureFixture[str]

TURIN, RAILWAY, ASKS, TEA = (each.memory_id for each in OF_TWO)
both = pytest.mark.parametrize("layout", LAYOUTS)


pytestmark = pytest.mark.usefixtures("at_home")


def test_an_export_is_its_owners_alone_and_replaces_at_once(tmp_path: Path, capsys: Capture) -> None:
    made(tmp_path / "s")
    (tmp_path / "e.jsonl").write_text("before", encoding="utf-8")
    said = typed(capsys, "export", "e.jsonl", "--store", "s", "--vectors", "--replace")
    assert said.status == 0
    assert "in clear text" in said.err
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "e.jsonl").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert typed(capsys, "import", "e.jsonl", "--store", "new", "--layout", "per-user").status == 0
    assert everything(store_place(tmp_path / "new"), "per-user") == everything(store_place(tmp_path / "s"), "shared")


@pytest.mark.parametrize("target", ["s", "none/e.jsonl", "/dev/full", "a\0b"])
def test_an_export_that_cannot_be_written_is_refused_before_the_store_is_read(
    tmp_path: Path, capsys: Capture, target: str
) -> None:
    made(tmp_path / "s")
    said = typed(capsys, "export", target, "--store", "s")
    assert said.status in (2, 4)
    assert "fix:" in said.err


def test_an_import_that_is_tried_writes_nothing(tmp_path: Path, capsys: Capture) -> None:
    made(tmp_path / "s")
    typed(capsys, "export", "e.jsonl", "--store", "s", "--vectors")
    said = typed(capsys, "import", "e.jsonl", "--store", "new", "--dry-run")
    assert said.status == 0
    assert "would import 4 new" in said.out
    assert not (tmp_path / "new").exists()
    counted = json.loads(typed(capsys, "import", "e.jsonl", "--store", "s", "--dry-run", "--json").out)
    assert (counted["new"], counted["same"], counted["replaced"]) == (0, 4, 0)


def test_a_hostile_line_is_named_and_makes_no_store(tmp_path: Path, capsys: Capture) -> None:
    made(tmp_path / "s")
    typed(capsys, "export", "e.jsonl", "--store", "s")
    lines = (tmp_path / "e.jsonl").read_text("utf-8").splitlines()
    lines[2] = lines[2].replace('"alice"', '"*"')
    (tmp_path / "e.jsonl").write_text("\n".join(lines), encoding="utf-8")
    said = typed(capsys, "import", "e.jsonl", "--store", "new")
    assert said.status == 2
    assert "e.jsonl, line 3" in said.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "words", [["list"], ["move", "--layout", "shared"], ["export", "-"], ["reembed", "--embed-model", "x"]]
)
def test_what_is_no_store_is_said_to_be_none_and_one_in_it_is_named(
    tmp_path: Path, capsys: Capture, words: list[str]
) -> None:
    said = typed(capsys, *words, "--store", "none")
    assert said.status == 2
    assert "is not there" in said.err
    assert "memories add --store" in said.err
    made(tmp_path / "out" / "s")
    said = typed(capsys, *words, "--store", "out")
    assert said.status == 2
    assert f"--store {tmp_path / 'out' / 's'}" in said.err
    assert not (tmp_path / "none").exists()


def test_no_store_is_begun_among_files_of_somebody_else(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x", encoding="utf-8")
    said = typed(capsys, "add", "--store", "mine", "--user-id", "alice", "--engine", "rehearsal", "hello")
    assert said.status == 2
    assert f"--store {tmp_path / 'mine' / 'memories'}" in said.err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_a_store_that_another_process_locks_is_said_to_be(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = made(tmp_path / "s")
    monkeypatch.setattr("showcase.memory.store_errors.PATIENCE_S", 0.1)
    holder = sqlite3.connect(place.chroma / "chroma.sqlite3", isolation_level=None)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        said = typed(capsys, "list", "--store", "s", "--user-id", "alice")
    finally:
        holder.close()
    assert said.status == 4
    assert "is locked by another process" in said.err
    assert "fix:" in said.err
    assert len(everything(place, "shared")) == 4


def test_a_record_of_another_version_is_said_to_be(tmp_path: Path, capsys: Capture) -> None:
    place = made(tmp_path / "s")
    path = store_record.path_of(place)
    path.write_text(path.read_text("utf-8").replace('"version": 1', '"version": 2'), encoding="utf-8")
    said = typed(capsys, "list", "--store", "s")
    assert said.status == 4
    assert "another version of this program" in said.err


@pytest.mark.parametrize("text", ["", "  \n", "a\0b", "\udcff", "x" * 8001])
def test_what_is_no_memory_is_refused(tmp_path: Path, capsys: Capture, text: str) -> None:
    for words in (["add", text], ["search", text], ["forget", "--yes", "--matching", text]):
        said = typed(capsys, *words, "--store", tmp_path / "none", "--user-id", "alice", "--engine", "rehearsal")
        assert said.status == 2, words
        assert "is empty" in said.err or "no text" in said.err or "a NUL" in said.err or "at most 8,000" in said.err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "2", "x"])
@pytest.mark.parametrize("option", ["--threshold", "--weight", "--half-life"])
def test_a_ranking_by_what_is_no_number_is_refused(tmp_path: Path, capsys: Capture, option: str, value: str) -> None:
    made(tmp_path / "s")
    if option != "--threshold" and value == "2":
        return
    given = f"relevance={value}" if option == "--weight" else value
    said = typed(capsys, "search", "x", "--store", "s", "--user-id", "alice", f"{option}={given}")
    assert said.status == 2
    assert "error:" in said.err


@pytest.mark.parametrize("weight", ["recentness=1", "relevance", "relevance=-1", "relevance=0"])
def test_a_weight_that_is_none_is_refused(tmp_path: Path, capsys: Capture, weight: str) -> None:
    made(tmp_path / "s")
    said = typed(capsys, "search", "x", "--store", "s", "--user-id", "alice", "--weight", weight)
    assert said.status == 2


def test_the_store_of_every_day_is_taken_where_none_is_named(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path / "mine")
    monkeypatch.setenv("SHOWCASE_STORE", "mine")
    assert "3 memories" in typed(capsys, "list", "--user-id", "alice").out
    monkeypatch.delenv("SHOWCASE_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "data"))
    if sys.platform != "darwin":
        assert f"{tmp_path / 'data' / 'local-memory-showcase'} is not there" in typed(capsys, "list").err


def test_the_directory_and_the_environment_of_who_typed_are_put_back(tmp_path: Path, capsys: Capture) -> None:
    made(tmp_path / "s")
    before = dict(os.environ)
    typed(capsys, "list", "--store", "s")
    typed(capsys, "list", "--store", "none")
    assert dict(os.environ) == before
    assert os.getcwd() == str(tmp_path)  # noqa: PTH109 - as the system has it


@pytest.mark.parametrize("planted", ["ALLOW_RESET=maybe", "MIGRATIONS=none", "IS_PERSISTENT=perhaps"])
@pytest.mark.parametrize("where", [".env", "shell"])
def test_settings_of_chroma_that_lie_about_lead_it_nowhere(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, planted: str, where: str
) -> None:
    made(tmp_path / "s")
    if where == ".env":
        (tmp_path / ".env").write_text(f"{planted}\n", encoding="utf-8")
    else:
        monkeypatch.setenv(*planted.split("="))
    said: Typed = typed(capsys, "list", "--store", "s", "--user-id", "alice")
    assert said.status == 0, said.err
    assert "3 memories" in said.out
