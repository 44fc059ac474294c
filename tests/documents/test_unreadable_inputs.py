"""A file that is there and may not be read is said in our words, with what to do, whichever command it is given to."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from program import showcase

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything: permissions stop only others"
)
COMMANDS = {
    "verify": ("verify", "FILE"),
    "report": ("report", "FILE"),
    "limits": ("limits", "FILE"),
    "scenario check": ("scenario", "check", "FILE"),
    "run --scenario": ("run", "--scenario", "FILE"),
    "bench show": ("bench", "show", "FILE"),
    "bench recall --data": ("bench", "recall", "--engine", "rehearsal", "--data", "FILE"),
    "bench recall --seed-file": ("bench", "recall", "--engine", "rehearsal", "--seed-file", "FILE"),
    "audit --stdin": ("audit", "--stdin", "FILE", "--", sys.executable, "-c", ""),
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_it_is_said_with_a_fix(words: tuple[str, ...], tmp_path: Path) -> None:
    closed = tmp_path / "closed.json"
    closed.write_text("{}", encoding="utf-8")
    closed.chmod(0)
    done = showcase(*(str(closed) if word == "FILE" else word for word in words), cwd=tmp_path)
    assert done.returncode in (2, 4), done.stdout + done.stderr
    said = done.stderr.splitlines()
    at = next(number for number, line in enumerate(said) if line.startswith("error: "))
    assert "closed.json" in said[at]
    assert "ermission denied" in said[at] or "may not be read" in said[at], said
    assert said[at + 1].startswith("  fix: ")
    assert "closed.json" in said[at + 1] or "run-log.json" in said[at + 1]
