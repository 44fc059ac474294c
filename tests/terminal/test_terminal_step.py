"""`--step`: it waits, and the commands that it prints show what it says they show."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if os.name == "nt":
    pytest.skip("pseudo-terminals are POSIX's", allow_module_level=True)

from at_a_terminal import Terminal, seen

from showcase import runlog

if TYPE_CHECKING:
    from pathlib import Path

PROMPT = "Ctrl-C to end the run:"


def commands(text: str) -> list[str]:
    """Return the commands of one pause: what stands below each comment, however the terminal broke it."""
    return [
        block.split("\n", 1)[1].replace("\n", "").strip()
        for block in seen(text).partition("Enter to")[0].split("\n  # ")[1:]
    ]


def shell(command: str) -> str:
    wide = {**os.environ, "COLUMNS": "1000"}  # `ps` cuts a long path at the width of the terminal
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, timeout=60, env=wide)  # noqa: S602 - what a person would paste
    return done.stdout


def test_the_room_looks(tmp_path: Path) -> None:
    with Terminal(
        "run", "--engine", "rehearsal", "--witness", "hook", "--step", "--out", str(tmp_path / "out")
    ) as terminal:
        for number in (1, 2, 3):
            pid = look_inside(terminal.read_until(PROMPT), number)
            terminal.type("\n")
            after = terminal.read_until(PROMPT)
            assert f"pid {pid} is gone" in seen(after)
            ps = next(command for command in commands(after) if command.startswith("ps"))
            assert "showcase.worker" not in shell(ps)
            terminal.type("\n")
        assert terminal.end() == 0, terminal.raw


def look_inside(said: str, number: int) -> str:
    """Try what is printed while a session is alive; return its pid."""
    found = re.search(rf"session {number} is alive as pid (\d+)", seen(said))
    assert found
    pid = found[1]
    by_tool = {command.split()[0]: command for command in commands(said)}
    assert "showcase.worker" in shell(by_tool["ps"])
    if shutil.which("lsof"):
        opened = next(command for command in commands(said) if "grep chroma.sqlite3" in command)
        assert pid in shell(opened), "the store is open in that very process"
    if shutil.which("sqlite3"):
        everything = next(command for command in commands(said) if "string_value" in command)
        assert "peanuts" in shell(everything)
    if shutil.which("curl"):
        assert "rehearsal" in shell(by_tool["curl"])
    return pid


def test_ctrl_c_at_a_pause_ends_the_run(tmp_path: Path) -> None:
    with Terminal(
        "run", "--engine", "rehearsal", "--witness", "hook", "--step", "--plain", "--out", str(tmp_path / "out")
    ) as terminal:
        terminal.read_until(PROMPT)
        terminal.type("\x03")
        assert terminal.end() == 3, terminal.raw
    log = runlog.read(tmp_path / "out" / "run-log.json")
    assert log.interrupted == "SIGINT"
    assert log.sessions[0].planted


def test_it_needs_somebody_to_wait_for(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "showcase", "run", "--step", "--out", tmp_path / "out"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "stdin is no terminal" in done.stderr
    assert not (tmp_path / "out").exists()
