"""`showcase memories` as it is typed, where no model is asked: what it shows, what it refuses, and what fixes it."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import stat
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from kept_stores import LAYOUTS, OF_TWO, Typed, everything, made, row, typed

from showcase.memory import history, store_record
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.memory.store_record import Layout

Capture = pytest.CaptureFixture[str]

TURIN, RAILWAY, ASKS, TEA = (each.memory_id for each in OF_TWO)
both = pytest.mark.parametrize("layout", LAYOUTS)


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Begin in a directory of one's own; what a command changes of the environment, it puts back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHOWCASE_STORE", raising=False)


@both
def test_a_list_numbers_the_rows_of_a_user_and_marks_what_is_odd(
    tmp_path: Path, capsys: Capture, layout: Layout
) -> None:
    made(tmp_path / "s", layout)
    said = typed(capsys, "list", "--store", "s", "--user-id", "alice")
    assert said.status == 0
    lines = said.out.splitlines()
    assert lines[0].startswith("alice: 3 memories in ")
    assert layout in lines[0]
    assert [line.split()[0] for line in lines[2:5]] == ["1", "2", "3"]
    assert TURIN[:8] in lines[2]
    assert "* " in lines[3]
    assert "?" in lines[4]
    assert "tea" not in said.out


@both
def test_without_a_user_it_says_who_is_there(tmp_path: Path, capsys: Capture, layout: Layout) -> None:
    made(tmp_path / "s", layout)
    said = typed(capsys, "list", "--store", "s")
    assert [line.split() for line in said.out.splitlines()[2:]] == [["3", "alice"], ["1", "bob"]]
    document = json.loads(typed(capsys, "list", "--store", "s", "--json").out)
    assert document["users"] == [{"user_id": "alice", "memories": 3}, {"user_id": "bob", "memories": 1}]
    assert (document["layout"], document["embed_model"]) == (layout, "a-model:latest")


@pytest.mark.parametrize("command", ["list", "show", "history", "pin", "forget", "expire", "export"])
def test_a_user_who_is_not_there_is_told_the_near_name(tmp_path: Path, capsys: Capture, command: str) -> None:
    made(tmp_path / "s")
    more = {
        "show": [TURIN], "history": [TURIN], "pin": [TURIN], "forget": [TURIN, "--yes"],
        "expire": ["--older-than", "1d", "--yes"], "export": ["-"],
    }  # fmt: skip
    said = typed(capsys, command, "--store", "s", "--user-id", "alcie", *more.get(command, []))
    assert said.status == 2
    assert "did you mean 'alice'?" in said.err
    assert f"memories list --store {tmp_path / 's'}" in said.err


@pytest.mark.parametrize("user_id", ["*", "", "ali ce", "ali\u200bce", "a" * 65, "ﬁona"])
@pytest.mark.parametrize("command", ["list", "add", "forget", "export"])
def test_a_hostile_id_is_refused_before_a_store_is_looked_at(
    tmp_path: Path, capsys: Capture, command: str, user_id: str
) -> None:
    said = typed(capsys, command, "--store", tmp_path / "none", "--user-id", user_id, "x")
    assert said.status == 2
    assert "is refused" in said.err or "unexpected extra argument" in said.err
    assert not (tmp_path / "none").exists()


def test_what_would_steer_a_terminal_is_shown_and_not_sent(tmp_path: Path, capsys: Capture) -> None:
    text = "\x1b[31mred\x1b[0m\r\nuser      bob\u202e \x9b0m \x07"
    made(tmp_path / "s", rows=[row(text, metadata={"note\x1b": "\x1b]0;x\x07"})])
    for words in (
        ["list"],
        ["show", row(text).memory_id],
        ["history", row(text).memory_id],
        ["pin", row(text).memory_id],
    ):
        said = typed(capsys, words[0], *words[1:], "--store", "s", "--user-id", "alice")
        assert said.status == 0
        assert not {"\x1b", "\r", "\u202e", "\x9b", "\x07"} & set(said.out)
        assert "\\x1b[31mred" in said.out or words[0] == "history"
    shown = typed(capsys, "show", row(text).memory_id, "--store", "s", "--user-id", "alice").out
    assert [line for line in shown.splitlines() if "bob" in line] == ["  | user      bob\\u202e \\x9b0m \\x07"]
    document = json.loads(typed(capsys, "list", "--store", "s", "--user-id", "alice", "--json").out)
    assert document["memories"][0]["text"] == text


def test_a_long_memory_is_cut_in_a_list_and_whole_when_it_is_shown(tmp_path: Path, capsys: Capture) -> None:
    text = "word " * 400 + "end"
    made(tmp_path / "s", rows=[row(text)])
    listed = typed(capsys, "list", "--store", "s", "--user-id", "alice").out.splitlines()[2]
    assert listed.endswith("…")
    assert len(listed) < 420
    assert text in typed(capsys, "show", row(text).memory_id, "--store", "s", "--user-id", "alice").out


@both
def test_a_beginning_of_an_id_will_do_where_it_is_one_rows_alone(
    tmp_path: Path, capsys: Capture, layout: Layout
) -> None:
    twins = [row("a", memory_id="abcdef11-x"), row("b", memory_id="abcdef22-x")]
    made(tmp_path / "s", layout, [*OF_TWO, *twins])
    at = ("--store", "s", "--user-id", "alice")
    assert "Turin" in typed(capsys, "show", TURIN[:6], *at).out
    assert "Turin" in typed(capsys, "show", TURIN[:8].upper(), *at).out
    for given, says in (
        (TURIN[:5], "too short"),
        ("abcdef", "2 memories of alice have an id that begins with abcdef"),
        (TEA, "has no memory"),
        (TEA[:8], "has no memory"),
        ("*" * 8, "has no memory"),
    ):
        said = typed(capsys, "show", given, *at)
        assert said.status == 2
        assert says in said.err


@both
def test_a_pin_stays_and_comes_off(tmp_path: Path, capsys: Capture, layout: Layout) -> None:
    place = made(tmp_path / "s", layout)
    at = ("--store", "s", "--user-id", "alice")
    assert typed(capsys, "pin", TURIN[:8], *at).out.startswith("pinned")
    assert everything(place, layout)[TURIN][0].pinned
    assert typed(capsys, "unpin", TURIN[:8], RAILWAY, *at).status == 0
    assert not [each for each, _ in everything(place, layout).values() if each.pinned]
    assert everything(place, layout)[RAILWAY][0].recalled == 3, "what it does not name stays"


@both
def test_forgetting_shows_first_and_says_what_stays_on_disk(tmp_path: Path, capsys: Capture, layout: Layout) -> None:
    place = made(tmp_path / "s", layout)
    history.keep(place, [history.HistoryEvent(id="e", memory_id=TURIN, new_memory="I live in Turin", event="ADD")])
    at = ("--store", "s", "--user-id", "alice")
    dry = typed(capsys, "forget", TURIN[:8], *at, "--dry-run")
    assert dry.status == 0
    assert "I live in Turin" in dry.out
    assert "nothing was forgotten" in dry.out
    assert len(everything(place, layout)) == 4
    done = typed(capsys, "forget", TURIN[:8], *at, "--yes")
    assert done.status == 0
    assert TURIN not in everything(place, layout)
    assert len(everything(place, layout)) == 3
    for path in (place.chroma / "chroma.sqlite3", place.home / "history.db"):
        assert str(path) in done.out
        assert b"I live in Turin" in path.read_bytes(), "it is said because it is so"
    told = typed(capsys, "history", TURIN, *at)
    assert told.status == 0
    assert "is gone" in told.out
    assert "DELETE" in told.out
    with sqlite3.connect(place.home / "history.db") as database:
        deleted = database.execute("SELECT * FROM history WHERE event = 'DELETE'").fetchone()
    assert (deleted[1], deleted[2], deleted[3], deleted[7]) == (TURIN, "I live in Turin", None, 1)


def test_every_file_that_keeps_bytes_is_named(tmp_path: Path, capsys: Capture) -> None:
    place = made(tmp_path / "s")
    done = typed(capsys, "forget", "--all", "--store", "s", "--user-id", "bob", "--yes", "--json")
    named = set(json.loads(done.out)["bytes_stay_in"])
    holding = {str(path) for path in place.root.rglob("*") if path.is_file() and b"I drink tea" in path.read_bytes()}
    assert holding <= named
    assert holding
    assert {str(path) for path in place.root.rglob("data_level0.bin")} <= named


@pytest.mark.parametrize("words", [["forget", "--all"], ["forget", TURIN], ["expire", "--older-than", "1h"]])
def test_nobody_to_ask_is_an_error_with_the_commands_that_go_on(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    place = made(tmp_path / "s")
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    said = typed(capsys, *words, "--store", "s", "--user-id", "alice")
    assert said.status == 2
    assert "nobody can be asked" in said.err
    assert f"memories {' '.join(words)} --store s --user-id alice --yes" in said.err
    assert f"memories {' '.join(words)} --store s --user-id alice --dry-run" in said.err
    assert len(everything(place, "shared")) == 4


def test_what_to_forget_has_to_be_said_in_one_way(tmp_path: Path, capsys: Capture) -> None:
    made(tmp_path / "s")
    for words in ([], [TURIN, "--all"], ["--all", "--matching", "x"]):
        said = typed(capsys, "forget", *words, "--store", "s", "--user-id", "alice", "--yes")
        assert said.status == 2
        assert "one of them" in said.err


@both
def test_what_is_old_goes_and_what_is_pinned_or_undated_stays(tmp_path: Path, capsys: Capture, layout: Layout) -> None:
    def since(days: float) -> dict[str, str]:
        at = (datetime.now(timezone.utc) - timedelta(days=days)).isoformat()
        return {"created_at": "2020-01-01T00:00:00+00:00", "updated_at": at}

    rows = [
        row("new", **since(89)), row("old", **since(91)), row("pinned", pinned=True, **since(91)),
        row("undated", created_at=None, updated_at=None), row("bobs", "bob", **since(91)),
    ]  # fmt: skip
    place = made(tmp_path / "s", layout, rows)
    at = ("--store", "s", "--user-id", "alice", "--older-than", "90d")
    dry = typed(capsys, "expire", *at, "--dry-run")
    assert "old" in dry.out
    assert len(everything(place, layout)) == 5
    said = typed(capsys, "expire", *at, "--yes")
    assert said.status == 0
    assert "1 pinned, 1 without a time" in said.err
    assert {each.text for each, _ in everything(place, layout).values()} == {"new", "pinned", "undated", "bobs"}
    typed(capsys, "expire", *at, "--yes", "--pinned")
    assert {each.text for each, _ in everything(place, layout).values()} == {"new", "undated", "bobs"}


@pytest.mark.parametrize("age", ["90", "d", "-1d", "0d", "90 d", "90m", "1e3d", "nan", "999999y", "", "٣d"])
def test_what_is_no_age_is_refused(tmp_path: Path, capsys: Capture, age: str) -> None:
    place = made(tmp_path / "s")
    said = typed(capsys, "expire", "--store", "s", "--user-id", "alice", f"--older-than={age}", "--yes")
    assert said.status == 2
    assert "--older-than 90d" in said.err
    assert len(everything(place, "shared")) == 4


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
