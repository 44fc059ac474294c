"""Ways to slip past the witnesses that every system has: none may come out as if nothing had been there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from program import RUN_TIMEOUT_S, showcase
from shared import once

from showcase import runlog
from showcase.errors import ExitCode

if TYPE_CHECKING:
    from showcase.evidence import Run, Verdict

PLANTED = Path(__file__).parent / "planted"


def conducted(out: Path, worker: str) -> Run:
    """Run with the two witnesses of every system, in a process of its own."""
    command = [sys.executable, PLANTED / "conduct.py", out, PLANTED / worker, "hook", "sockets"]
    subprocess.run(command, check=False, timeout=RUN_TIMEOUT_S)
    return runlog.read(out / "run-log.json")


def verdict(run: Run, claim: str) -> Verdict:
    return next(item for item in run.claims if item.id == claim)


def coverage_note(run: Run, witness: str, role: str) -> str:
    report = next(item for item in run.witnesses if item.name == witness)
    return next(item.note for item in report.coverage if item.role == role)


@pytest.fixture(scope="module")
def strayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output directory of one run: session 2 forgets and leaves a process behind, session 3 starts another."""

    def conduct(place: Path) -> None:
        conducted(place / "out", "straying_worker.py")

    return once(tmp_path_factory, "strayed", conduct) / "out"


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are given away elsewhere")
def test_a_process_that_outlives_its_session(strayed: Path) -> None:
    run = runlog.read(strayed / "run-log.json")
    assert verdict(run, "processes").status == "broken"
    assert "fork" in coverage_note(run, "hook", "session 2")
    left = [process for process in psutil.process_iter(["cmdline"]) if str(strayed) in str(process.info["cmdline"])]
    assert left == []


def test_a_child_that_no_audit_event_announces(strayed: Path) -> None:
    run = runlog.read(strayed / "run-log.json")
    assert "cannot see into" in coverage_note(run, "hook", "session 3")
    assert "cannot see into" not in coverage_note(run, "hook", "session 2"), "which started none by that way"
    assert verdict(run, "egress").level not in ("enforced", "recorded")


def test_a_store_that_forgot(strayed: Path) -> None:
    run = runlog.read(strayed / "run-log.json")
    assert verdict(run, "persistence").status == "broken"
    assert run.sessions[1].recalled == ()
    done = showcase("verify", str(strayed / "run-log.json"), "--json")
    assert done.returncode == ExitCode.BROKEN
    assert json.loads(done.stdout)["differing"] == []


def test_a_worker_that_says_it_is_another_process(tmp_path: Path) -> None:
    run = conducted(tmp_path / "out", "lying_worker.py")
    assert verdict(run, "processes").status != "upheld"
    assert verdict(run, "persistence").status != "upheld"
    assert verdict(run, "isolation").status != "upheld"


def test_an_event_that_is_lost(tmp_path: Path) -> None:
    run = conducted(tmp_path / "out", "garbling_worker.py")
    assert "could not be read" in coverage_note(run, "hook", "session 2")
    assert verdict(run, "persistence").status == "inconclusive"
