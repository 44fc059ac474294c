"""`--phase`: each session by hand, one log, judged as a whole once all three are there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from by_hand import phases_by_hand

from showcase import runlog

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def phase(out: Path, number: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "showcase",
            "run",
            "--engine",
            "rehearsal",
            "--phase",
            str(number),
            "--out",
            out,
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def statuses(out: Path) -> dict[str, str]:
    return {claim.id: claim.status for claim in runlog.read(out / "run-log.json").claims}


def test_three_phases_by_hand(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    by_hand = phases_by_hand(tmp_path_factory)
    first, second, wrong, third = by_hand.said
    assert first.exit_code == 3, first.stderr
    assert "1 in the log, 2 and 3 missing" in first.stdout
    assert f"showcase run --phase 2 --out {by_hand.out}" in first.stdout
    assert second.exit_code == 3, second.stderr
    found = {claim.id: claim.status for claim in by_hand.log(2).claims}
    assert found["persistence"] in ("upheld", "inconclusive")
    assert wrong.exit_code == 2
    assert "--top-k 5" in wrong.stderr
    assert "showcase run --phase 1" in wrong.stderr

    assert third.exit_code == 0, third.stdout + third.stderr
    assert "judged together" in third.stdout
    out = tmp_path / "out"
    shutil.copytree(by_hand.out, out)
    log = runlog.read(out / "run-log.json")
    assert set(statuses(out).values()) == {"upheld"}
    assert log.run_id == by_hand.log(1).run_id, "one log"
    assert [item.number for item in log.sessions] == [1, 2, 3]
    assert len({item.orchestrator_pid for item in log.phases}) == 3, "and a process of its own for each phase"
    for item, own in zip(log.sessions, log.phases, strict=True):
        assert own.orchestrator_pid in item.ancestors
    moments = [moment for item in log.sessions for moment in (item.started_s, item.ended_s)]
    assert moments == sorted(moments)

    # The folder is deleted, and a phase played again.
    shutil.rmtree(out / "mem0_chroma")
    again = phase(out, 2)
    assert "recalled nothing" in again.stderr
    assert "was empty when session 2 began" in again.stderr
    assert "showcase run --phase 1" in again.stderr
    assert again.returncode == 1, "what session 1 left is not what session 2 found"
    assert [item.session for item in runlog.read(out / "run-log.json").phases] == [1, 2]
    assert list(out.glob("run-log.*Z.json")), "the whole log is kept"


def test_a_phase_that_comes_first(tmp_path: Path) -> None:
    out = tmp_path / "out"
    alone = phase(out, 2)
    assert alone.returncode == 3, alone.stderr
    assert "nothing was planted, or the folder was deleted" in alone.stderr
    assert set(statuses(out).values()) == {"inconclusive", "upheld"}
    assert statuses(out)["persistence"] == "inconclusive"
