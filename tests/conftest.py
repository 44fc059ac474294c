"""Real runs, made once and shared: every test that needs a run log takes it from a run of the program."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

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


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """One whole run of the shipped scenario."""
    done = run(tmp_path_factory.mktemp("run") / "out")
    assert done.exit_code == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="session")
def log(finished: Finished) -> Run:
    """The log of that run."""
    return finished.log
