"""`showcase memories` as it is typed, where no model is asked: what it shows, what it refuses, and what fixes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from kept_stores import LAYOUTS, OF_TWO, everything, made, row, typed

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.memory.store_record import Layout

Capture = pytest.CaptureFixture[str]

TURIN, RAILWAY, ASKS, TEA = (each.memory_id for each in OF_TWO)
both = pytest.mark.parametrize("layout", LAYOUTS)


pytestmark = pytest.mark.usefixtures("at_home")


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
