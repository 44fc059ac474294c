"""No account is broken within a word at a terminal, whichever command gives it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

if os.name == "nt":
    pytest.skip("pseudo-terminals are POSIX's", allow_module_level=True)

from at_a_terminal import COLUMNS, Terminal, seen

if TYPE_CHECKING:
    from pathlib import Path

    from program import Finished


def whole_lines(*arguments: str) -> list[str]:
    """Return what a command prints at a terminal; what fills a row, the terminal would break wherever it is."""
    with Terminal(*arguments) as terminal:
        terminal.end()
        return [line for line in seen(terminal.raw).splitlines() if len(line) > COLUMNS]


def test_verify(finished: Finished) -> None:
    assert whole_lines("verify", str(finished.out)) == []


def test_an_audit(tmp_path: Path) -> None:
    log = tmp_path / "a.json"
    command = (sys.executable, "-c", "import socket; socket.socket().connect_ex(('127.0.0.1', 9))")
    long = whole_lines("audit", "--log", str(log), "--", *command)
    assert [line for line in long if str(tmp_path) not in line] == [], "a path is no text, a command is copied whole"
