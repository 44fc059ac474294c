"""Places and variables that a shell may leave: a working directory that is gone, a home that is none, odd variables."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from planting import Ended, command

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows lets nobody delete the directory that they are in")
PORT_OF_NOBODY = "127.0.0.1:9"


def from_nowhere(tmp_path: Path, *arguments: str) -> Ended:
    """Run a command in a directory that is deleted just before."""
    gone = tmp_path / "gone"
    gone.mkdir()
    script = "import os, sys; os.rmdir(os.getcwd()); os.execv(sys.argv[1], sys.argv[1:])"
    environment = {**os.environ, "OLLAMA_HOST": PORT_OF_NOBODY, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", script, *command(*arguments)],
        cwd=gone, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [("doctor",), ("models", "plan"), ("glossary", "seal"), ("models", "check"), ("run", "--bogus"), ("verify", "x")],
    ids=" ".join,
)
def test_who_stands_nowhere_is_told_all_that_needs_no_place(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """What to type is told by this program's path from here, and here is nowhere."""
    ended = from_nowhere(tmp_path, *arguments)
    said = ended.stdout + ended.stderr
    assert "Traceback" not in said
    assert "the system refused" not in said
    assert "fault of the program" not in said
    assert ended.code in (0, 2, 4)
    assert said.strip()


@pytest.mark.parametrize(("arguments", "status"), [(("glossary", "seal"), 0), (("verify", "no-such.json"), 2)])
def test_a_python_that_would_stay_changes_no_exit_status(
    tmp_path: Path, arguments: tuple[str, ...], status: int
) -> None:
    done = subprocess.run(
        command(*arguments), cwd=tmp_path, env={**os.environ, "PYTHONINSPECT": "1"}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == status, "1 would mean broken"
    assert "Traceback" not in done.stderr
    assert done.stdout or done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("run", "--engine", "rehearsal"), ("init", "new"), ("init", "a/b"), ("scenario", "new", "class.toml")],
    ids=" ".join,
)
def test_who_needs_a_place_is_told_that_it_is_gone(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    said = from_nowhere(tmp_path, *arguments).complaint(4)
    assert "the directory that you are in was deleted" in said
    assert "change to a directory that is there" in said
