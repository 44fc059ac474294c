"""What the commands of a lab, and those that its steps name, ask at a terminal."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

if sys.platform == "win32":
    pytest.skip("needs a terminal of POSIX", allow_module_level=True)

from at_a_terminal import COLUMNS, Terminal, seen
from program import showcase

from showcase.labs import catalogue

if TYPE_CHECKING:
    from pathlib import Path


def test_a_prediction_that_is_none_is_asked_for_again(tmp_path: Path) -> None:
    with Terminal("lab", "start", "1", "--dir", str(tmp_path / "l")) as terminal:
        terminal.read_until("Your prediction:")
        for wrong in ("9", "x", "0000000001"):
            terminal.type(wrong + "\n")
            assert "a number from 1 to 3" in terminal.read_until("Your prediction:")
        terminal.type(" 2.\n")
        shown = terminal.read_until(None)
        assert "Do (" in shown
        told = [line for line in seen(shown).splitlines() if "within 10 seconds" in line or "what it waits for" in line]
        assert len(told) == 2
        assert max(map(len, told)) <= COLUMNS
        assert terminal.end() == 0
    notebook = json.loads((tmp_path / "l" / "notebook.json").read_text("utf-8"))
    assert [page["prediction"] for page in notebook["pages"]] == ["nothing"]


def test_who_has_found_nothing_yet_goes_on_with_enter(tmp_path: Path) -> None:
    place = str(tmp_path / "l")
    assert showcase("lab", "start", "8", "--dir", place, "--predict", "1").returncode == 0
    with Terminal("lab", "verify", "--dir", place) as terminal:
        assert "Lab 8: " in terminal.read_until("between")
        terminal.type("\n")
        assert "Looking at lab 8" in terminal.read_until(None)
        assert terminal.end() == 3


def test_what_reads_a_text_at_a_terminal_says_so(tmp_path: Path) -> None:
    with Terminal("memories", "add", "-", "--user-id", "bob", "--store", str(tmp_path / "s")) as terminal:
        terminal.read_until("Type the text, then Enter, then Ctrl-D:")
        terminal.type("I keep bees.\n\x04")
        assert "stored" in terminal.read_until(None)


def test_a_group_alone_prints_its_help_as_it_is_set() -> None:
    with Terminal("lab") as terminal:
        lines = seen(terminal.read_until(None)).splitlines()
        assert "Commands:" in [line.strip() for line in lines]
        assert not any("error:" in line for line in lines)
        assert terminal.end() in (0, 2), "0 before click 8.2"


def test_no_step_asks_without_a_question() -> None:
    asked = [
        (lab.number, step.command)
        for lab in catalogue.labs()
        for step in lab.frame.steps
        if step.command and step.command[:2] == ("showcase", "ask")
    ]
    assert asked
    for number, command in asked:
        assert " " in command[-1], f"lab {number}: at a terminal `ask` refuses to read its question"
