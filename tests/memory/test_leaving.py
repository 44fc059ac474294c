"""What leaves a store: where an export may go, what of the past goes with it, and what stays on disk all the same."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from kept_stores import OF_TWO, made, row, typed

from showcase.cli.repl.line_history import LineHistory
from showcase.memory import history
from showcase.memory.history import HistoryEvent
from showcase.memory.left_on_disk import left_on_disk, typed_lines

if TYPE_CHECKING:
    from pathlib import Path

    Capture = pytest.CaptureFixture[str]

TURIN = OF_TWO[0].memory_id
DATABASES = ("s/mem0_chroma/chroma.sqlite3", "s/mem0_home/history.db")
INSIDE = ("s/e.jsonl", "s/mem0_home/showcase-store.json", *DATABASES, "link")


def event(name: str, what: str, text: str) -> HistoryEvent:
    old, new = (text, None) if what == "DELETE" else (None, text)
    return HistoryEvent(id=name, memory_id=TURIN, event=what, old_memory=old, new_memory=new)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("options", [[], ["--replace"]])
@pytest.mark.parametrize("target", INSIDE)
def test_an_export_does_not_go_into_its_store(tmp_path: Path, capsys: Capture, target: str, options: list[str]) -> None:
    place = made(tmp_path / "s")
    history.keep(place, [event("e", "ADD", "x")])
    if os.name == "posix":
        (tmp_path / "link").symlink_to(place.chroma / "chroma.sqlite3")
    before = {path: path.read_bytes() for path in (*place.home.iterdir(), place.chroma / "chroma.sqlite3")}
    said = typed(capsys, "export", target, "--store", "s", *options)
    assert said.status == 2
    assert "lies in the store" in said.err
    assert {path: path.read_bytes() for path in before} == before
    assert not (tmp_path / "s/e.jsonl").exists()


def test_a_file_that_is_no_export_stays_until_it_is_to_be_replaced(tmp_path: Path, capsys: Capture) -> None:
    made(tmp_path / "s")
    file = tmp_path / "thesis.txt"
    for held in ("my thesis", '{"format": "of another program"}\n', "{}", "[" * 10_000):
        file.write_text(held, encoding="utf-8")
        said = typed(capsys, "export", file, "--store", "s")
        assert said.status == 2
        assert "is no export of memories" in said.err
        assert "name another file" in said.err
        assert "--replace" in said.err
        assert file.read_text("utf-8") == held
    assert typed(capsys, "export", file, "--store", "s", "--replace").status == 0
    first = file.read_bytes()
    assert typed(capsys, "export", file, "--store", "s", "--user-id", "bob").status == 0, "an export by another"
    assert file.read_bytes() != first


def test_what_was_before_a_memory_was_forgotten_neither_leaves_nor_shows(tmp_path: Path, capsys: Capture) -> None:
    place = made(tmp_path / "s")
    history.keep(
        place, [event("1", "ADD", "a secret"), event("2", "DELETE", "a secret"), event("3", "ADD", "I live in Turin")]
    )
    typed(capsys, "export", "e.jsonl", "--store", "s")
    data = (tmp_path / "e.jsonl").read_text("utf-8")
    assert "a secret" not in data
    assert [each["id"] for each in json.loads(data.splitlines()[1])["history"]] == ["3"]
    told = typed(capsys, "history", TURIN, "--store", "s", "--user-id", "alice")
    assert "a secret" not in told.out
    assert "ADD" in told.out


def test_what_was_typed_in_chats_is_named_where_it_is(tmp_path: Path, capsys: Capture) -> None:
    place = made(tmp_path / "s")
    forget = ("forget", "--all", "--store", "s", "--yes", "--rows-only")
    lines = typed_lines(place, "bob")
    assert "typed in chats" not in typed(capsys, *forget, "--user-id", "alice").out
    LineHistory(lines, writes=True, failed=pytest.fail).store_string("I drink tea")
    said = typed(capsys, *forget, "--user-id", "bob").out
    assert "remove it to be rid of it" in said
    assert str(lines) in said.replace("\n", "")


def test_a_text_of_several_lines_is_found_as_it_was_typed(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    text = "two\nlines of it"
    others = typed_lines(place, "carol")
    LineHistory(others, writes=True, failed=pytest.fail).store_string(text)
    assert b"two\nlines" not in others.read_bytes()
    assert others in left_on_disk(place, "alice", [text]).files
    assert others == left_on_disk(place, "carol", [text]).typed
    assert others not in left_on_disk(place, "alice", ["three\nlines"]).files


def test_an_export_says_which_metadata_an_import_refuses(tmp_path: Path, capsys: Capture) -> None:
    made(tmp_path / "s", rows=[row("x", metadata={"a name": 1, "fine": 2})])
    said = typed(capsys, "export", "e.jsonl", "--store", "s", "--vectors")
    assert "refuses metadata of the name 'a name'" in said.err
    assert "fine" not in said.err
    assert typed(capsys, "import", "e.jsonl", "--store", "new").status == 2
