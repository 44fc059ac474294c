"""A run without the drill beside its sessions: it says that none was held, and claims what it can claim without."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from program import run

from showcase.report import render
from showcase.settings import Settings
from showcase.shell.advice import run_command

if TYPE_CHECKING:
    from showcase.evidence import Run


def test_nothing_is_planted_but_the_witnesses_own_leak(tmp_path: Path, log: Run) -> None:
    done = run(tmp_path / "out", "--no-drill")
    assert done.exit_code == 0, done.stdout + done.stderr
    without = done.log
    assert log.drill
    assert without.drill == ()
    assert [claim.status for claim in without.claims] == ["upheld"] * len(without.claims)
    assert all(each.control is not None and each.control.planted for each in without.witnesses if each.active)
    page = render(without)
    assert "No drill is in the log: no leak was planted but the one for the witnesses themselves." in page
    assert "No drill is in the log." not in render(log)


def test_the_command_that_repeats_it_has_none_either() -> None:
    assert run_command(Settings(out=Path("there"), drill=False)).endswith("--no-drill")
    assert "drill" not in run_command(Settings(out=Path("there")))
