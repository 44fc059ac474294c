"""`verify` and `report` take the directory of a run for the log in it."""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING

import pytest
from program import showcase

if TYPE_CHECKING:
    from pathlib import Path

    from program import Finished


@pytest.fixture
def copied(finished: Finished, tmp_path: Path) -> Path:
    """The log of a run in a directory of its own, below another."""
    place = tmp_path / "all" / "a run"
    place.mkdir(parents=True)
    shutil.copy(finished.out / "run-log.json", place)
    return place


def test_a_run_s_directory_is_its_log(copied: Path) -> None:
    done = showcase("verify", str(copied))
    assert done.returncode == 0, done.stderr
    assert done.stdout == showcase("verify", str(copied / "run-log.json")).stdout
    page = showcase("report", str(copied))
    assert page.stdout.strip() == str(copied / "mem0-cross-session-showcase.html")
    compared = showcase("report", str(copied), str(copied / "run-log.json"), "-o", str(copied / "both.html"))
    assert compared.returncode == 0, compared.stderr


@pytest.mark.parametrize("command", ["verify", "report"])
def test_one_without_a_log_is_told_with_what_is_there(copied: Path, command: str) -> None:
    done = showcase(command, str(copied.parent))
    assert done.returncode == 2
    assert "is a directory without a run-log.json; there is a run/ alone" in done.stderr
    words = shlex.split(done.stderr.partition("that is there: ")[2])
    assert words[1:] == [command, str(copied / "run-log.json")]
    (copied / "run-log.json").rename(copied / "run-log.20261127T000000Z.json")
    kept = showcase(command, str(copied))
    assert "run-log.20261127T000000Z.json" in kept.stderr.partition("fix: ")[2]


def test_an_empty_one_and_one_with_much(tmp_path: Path) -> None:
    assert "it is empty" in showcase("verify", str(tmp_path)).stderr
    for number in range(20):
        (tmp_path / f"file {number}").write_text("x")
    assert "and 12 more" in showcase("verify", str(tmp_path)).stderr
