"""Runs of the program with a fault planted, and what every one of them must still keep to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TIMEOUT_S = 120
END_S = 20
"""How long processes that were told to end may take on a busy machine."""


@dataclass(frozen=True)
class Ended:
    """A run of the program that has ended."""

    code: int
    stdout: str
    stderr: str

    def complaint(self, code: int) -> str:
        """Return the one line that says what happened, checked for its form, with the line that says the fix."""
        assert self.code == code, self.stdout + self.stderr
        assert "Traceback" not in self.stdout + self.stderr
        assert "\x1b" not in self.stdout + self.stderr
        lines = self.stderr.splitlines()
        at = [number for number, line in enumerate(lines) if line.startswith("error: ")]
        assert len(at) == 1, self.stderr
        assert lines[at[0] + 1].startswith("  fix: "), self.stderr
        return "\n".join(lines[at[0] : at[0] + 2])


def command(*arguments: str) -> list[str]:
    """Return the command line of the program."""
    return [sys.executable, "-m", "showcase", *arguments]


not_as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere: permissions stop only others"
)


class Place:
    """Where a test's runs happen: an output directory, and a mark by which every process of theirs is known."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        # One witness, the quickest: most faults have nothing to do with who watches. Empty for all there are.
        self.witnesses: tuple[str, ...] = ("--witness", "hook", "--no-drill")
        self.out = directory / "out"
        # Kept in every child's environment, unlike most variables; so it tells whose processes are whose.
        self.temporary = directory / "tmp"
        self.temporary.mkdir()

    def environment(self, **variables: str) -> dict[str, str]:
        return {**os.environ, "TMPDIR": str(self.temporary), **variables}

    def start_command(self, *arguments: str) -> list[str]:
        return command("run", "--out", str(self.out), *self.witnesses, *arguments)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start `showcase run` in the background."""
        return subprocess.Popen(
            self.start_command(*arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=self.environment(**variables),
        )

    def run(self, *arguments: str, **variables: str) -> Ended:
        """Run `showcase run` and see that it left no process and no temporary file."""
        ended = finish(self.start(*arguments, **variables))
        self.assert_clean()
        return ended

    def phase(self, number: int, *arguments: str, **variables: str) -> Ended:
        """Run one phase on the rehearsal engine: the shortest run there is."""
        return self.run("--engine", "rehearsal", "--phase", str(number), *arguments, **variables)

    def processes(self) -> list[psutil.Process]:
        """Return the living processes that this place's runs started."""
        return [process for process in psutil.process_iter() if _tmpdir(process) == str(self.temporary)]

    def assert_nobody_left(self) -> None:
        deadline = time.monotonic() + END_S
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not left

    def assert_clean(self) -> None:
        self.assert_nobody_left()
        assert not list(self.temporary.iterdir())
        assert not list(self.out.glob(".control-*"))


def finish(process: subprocess.Popen[str]) -> Ended:
    """Wait for the end of a started run."""
    with process:
        stdout, stderr = process.communicate(timeout=TIMEOUT_S)
    return Ended(process.returncode, stdout or "", stderr)


def verified(out: Path) -> int:
    """Judge the log again; its own verdicts must be the same."""
    done = subprocess.run(
        command("verify", str(out / "run-log.json")), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert "The log's own verdicts are the same." in done.stdout, done.stdout + done.stderr
    return done.returncode


def wait_for_line(process: subprocess.Popen[str], words: Sequence[str]) -> None:
    """Read stderr up to the line that holds all these words."""
    assert process.stderr is not None
    for line in process.stderr:
        if all(word in line for word in words):
            return
    raise AssertionError(words)


def kill(process: subprocess.Popen[str]) -> None:
    """Kill it as the kernel's out-of-memory killer would, and reap it."""
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=TIMEOUT_S)


def _tmpdir(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("TMPDIR")
    except (psutil.Error, OSError):
        return None
