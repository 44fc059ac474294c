"""A user that no list knows and that has no home, as `docker run --user 12345` makes one."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from planting import Ended, command

from showcase import runlog

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = ("unshare", "--user", "--map-user=12345", "--map-group=12345", "env", "-u", "HOME", "-u", "USER", "LANG=C")


@pytest.fixture(autouse=True)
def _possible() -> None:
    if (
        shutil.which("unshare") is None
        or subprocess.run([*NOBODY, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("no user can be made up here")
    asked = subprocess.run([*NOBODY, "whoami"], check=False, capture_output=True)
    if asked.returncode == 0:
        pytest.skip("a list knows the user 12345")


def as_nobody(place: Path, *arguments: str) -> Ended:
    done = subprocess.run(
        [*NOBODY, *command(*arguments)], cwd=place, capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in done.stderr + done.stdout
    return Ended(done.returncode, done.stdout, done.stderr)


def test_a_session_has_a_home_of_the_runs_own(tmp_path: Path) -> None:
    ended = as_nobody(tmp_path, "run", "--engine", "rehearsal", "--phase", "1", "--witness", "hook", "--out", "out")
    assert ended.code == 3, ended.stderr
    log = runlog.read(tmp_path / "out" / "run-log.json")
    assert log.sessions[0].fault is None
    assert log.sessions[0].planted
    assert log.environment.forced["HOME"] == "mem0_home"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("doctor",), 0),
        (("models", "plan"), 0),
        (("audit", "--log", "log.json", "--", "true"), 0),
        (("init", "new"), 0),
        (("run", "--out", "/proc/none"), 4),
        (("run", "--start-ollama"), 4),
        (("glossary", "seal"), 0),
    ],
    ids=lambda each: each[0] if isinstance(each, tuple) else None,
)
def test_every_command_does_without_a_home(tmp_path: Path, arguments: tuple[str, ...], status: int) -> None:
    ended = as_nobody(tmp_path, *arguments)
    assert ended.code == status, ended.stderr
    assert "home directory" not in ended.stderr
