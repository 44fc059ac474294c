"""The program as a user runs it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from showcase import runlog

if TYPE_CHECKING:
    from showcase.evidence import Run

RUN_TIMEOUT_S = 240


@dataclass(frozen=True)
class Finished:
    """A run of the program that has ended."""

    out: Path
    exit_code: int
    stdout: str
    stderr: str

    @property
    def log(self) -> Run:
        return runlog.read(self.out / "run-log.json")


def showcase(*arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the installed program as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "showcase", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=RUN_TIMEOUT_S,
        cwd=cwd,
        env={**os.environ, **variables},
        check=False,
    )


def run(out: Path, *arguments: str, **variables: str) -> Finished:
    """Run the three sessions on the rehearsal engine."""
    done = showcase("run", "--engine", "rehearsal", "--out", str(out), *arguments, **variables)
    return Finished(out=out, exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)
