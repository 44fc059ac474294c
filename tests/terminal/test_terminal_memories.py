"""What destroys memories asks at a terminal, and does nothing for whoever does not say yes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from showcase.memory.collections import Collections
from showcase.memory.stored import Stored, to_metadata
from showcase.settings.store_place import store_place

if sys.platform == "win32":
    pytest.skip("needs a terminal of POSIX", allow_module_level=True)

from at_a_terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path


def texts(root: Path) -> list[str]:
    with Collections(store_place(root), "shared") as rows:
        return [row.text for row in rows.rows("alice")]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    long = "a memory that is much longer than any line of this terminal can hold, so that it has to be cut somewhere"
    with Collections(store_place(tmp_path / "s"), "shared") as rows:
        for number, text in enumerate(("I live in Turin", long)):
            row = Stored(memory_id=f"{number}abcdef1", text=text, user_id="alice")
            rows.put("alice", {row.memory_id: (to_metadata(row), [1.0, 0.0])})
    return tmp_path / "s"


@pytest.mark.parametrize(("answer", "left"), [("n\n", 2), ("\n", 2), ("y\n", 1)])
def test_it_asks_before_it_forgets(store: Path, answer: str, left: int) -> None:
    with Terminal("memories", "forget", "--store", str(store), "--user-id", "alice", "0abcdef1") as terminal:
        assert "I live in Turin" in terminal.read_until("Forget this memory of alice?")
        terminal.type(answer)
        terminal.read_until(None)
    assert len(texts(store)) == left


def test_ctrl_c_forgets_nothing(store: Path) -> None:
    with Terminal("memories", "forget", "--store", str(store), "--user-id", "alice", "--all") as terminal:
        terminal.read_until("Forget these 2 memories of alice?")
        terminal.type("\x03")
        assert "interrupted" in terminal.read_until(None)
    assert len(texts(store)) == 2


def test_a_line_of_a_list_is_as_wide_as_the_terminal(store: Path) -> None:
    with Terminal("memories", "list", "--store", str(store), "--user-id", "alice") as terminal:
        lines = terminal.read_until(None).split("\r\n")
    cut = [line for line in lines if "a memory that is" in line]
    assert len(cut) == 1
    assert cut[0].endswith("…")
    assert len(cut[0]) <= 80
