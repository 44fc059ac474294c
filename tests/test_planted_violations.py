"""Violations that really happen in a process of the run: the run must say `broken`, and `verify` must say it again."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from program import RUN_TIMEOUT_S, showcase

from showcase import orchestrator, runlog
from showcase.errors import ExitCode
from showcase.progress import Silence
from showcase.scenes import scenario
from showcase.settings import Settings

if TYPE_CHECKING:
    from showcase.evidence import Verdict
    from showcase.orchestrator import Outcome

PLANTED = Path(__file__).parent / "planted"


def play(out: Path, worker: str) -> Outcome:
    settings = Settings(out=out, engine="rehearsal", worker=str(PLANTED / worker), drill=False)
    return orchestrator.run(settings, scenario.read(), Silence())


def verdicts(outcome: Outcome) -> dict[str, Verdict]:
    return {verdict.id: verdict for verdict in outcome.run.claims}


def verified(outcome: Outcome) -> int:
    done = showcase("verify", str(outcome.run_log), "--json")
    document = json.loads(done.stdout)
    assert document["differing"] == []
    assert [claim["status"] for claim in document["claims"]] == [v.status for v in outcome.run.claims]
    return done.returncode


def test_a_library_that_phones_home(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with socket.create_server(("127.0.0.1", 0)) as decoy:
        (tmp_path / "decoy-port").write_text(str(decoy.getsockname()[1]))
        # In a process of its own: a decoy of the run's own tree would be internal.
        done = subprocess.run(
            [sys.executable, PLANTED / "conduct.py", out, PLANTED / "leaky_worker.py"],
            check=False,
            timeout=RUN_TIMEOUT_S,
        )
    assert done.returncode == ExitCode.BROKEN
    egress = next(verdict for verdict in runlog.read(out / "run-log.json").claims if verdict.id == "egress")
    assert egress.status == "broken"
    assert "session 2" in egress.reason
    assert showcase("verify", str(out / "run-log.json")).returncode == ExitCode.BROKEN


def take_over(place: Path) -> None:
    """Wait at the port that is said in a file, when it is said."""
    while not (place / "port").exists():
        time.sleep(0.05)
    with socket.create_server(("127.0.0.1", int((place / "port").read_text()))) as other:
        (place / "taken").touch()
        with other.accept()[0] as held:
            held.recv(1)


@pytest.mark.parametrize("taken_over", [False, True])
def test_a_connection_of_a_process_to_itself(tmp_path: Path, *, taken_over: bool) -> None:
    """An event loop on Windows has it for a pair. What goes to somebody else at the same port is not covered."""
    out = tmp_path / "out"
    if taken_over:
        (tmp_path / "wanted").touch()
        threading.Thread(target=take_over, args=(tmp_path,), daemon=True).start()
    done = subprocess.run(
        [sys.executable, PLANTED / "conduct.py", out, PLANTED / "paired_worker.py", "hook", "sockets"],
        check=False,
        timeout=RUN_TIMEOUT_S,
    )
    egress = next(verdict for verdict in runlog.read(out / "run-log.json").claims if verdict.id == "egress")
    assert (egress.status == "upheld") is not taken_over, egress.reason
    assert (done.returncode == ExitCode.UPHELD) is not taken_over


def test_a_search_that_reads_everybody(tmp_path: Path) -> None:
    outcome = play(tmp_path / "out", "nosy_worker.py")
    assert verdicts(outcome)["isolation"].status == "broken"
    assert verified(outcome) == ExitCode.BROKEN


def test_a_store_that_forgot(tmp_path: Path) -> None:
    outcome = play(tmp_path / "out", "forgetful_worker.py")
    assert verdicts(outcome)["persistence"].status == "broken"
    assert verified(outcome) == ExitCode.BROKEN


def test_a_switch_that_is_on(tmp_path: Path) -> None:
    outcome = play(tmp_path / "out", "chatty_worker.py")
    assert verdicts(outcome)["telemetry"].status == "broken"
    assert verified(outcome) == ExitCode.BROKEN


def test_a_session_that_is_killed(tmp_path: Path) -> None:
    outcome = play(tmp_path / "out", "dying_worker.py")
    assert {verdict.status for verdict in outcome.run.claims} <= {"inconclusive", "upheld"}
    for claim in ("processes", "persistence", "isolation", "egress", "telemetry", "context"):
        assert verdicts(outcome)[claim].status == "inconclusive"
    assert outcome.exit_code is ExitCode.INCONCLUSIVE
    assert verified(outcome) == ExitCode.INCONCLUSIVE
    dead = runlog.read(outcome.run_log).sessions[1]
    assert dead.exit_code != 0
    assert "opened" in {phase.name for phase in dead.phases}, "what it saw before it died is kept"


@pytest.mark.parametrize(
    ("witnesses", "level", "code"),
    [(("sockets",), "sampled", ExitCode.UPHELD), (("hook",), "self-reported", ExitCode.UPHELD)],
)
def test_a_witness_off_gives_the_lower_level(
    tmp_path: Path, witnesses: tuple[str, ...], level: str, code: ExitCode
) -> None:
    settings = Settings(out=tmp_path / "out", engine="rehearsal", drill=False, witnesses=witnesses)
    outcome = orchestrator.run(settings, scenario.read(), Silence())
    assert verdicts(outcome)["egress"].level == level
    assert verdicts(outcome)["telemetry"].level == level
    assert outcome.exit_code is code
    assert verified(outcome) == code


def test_no_witness_gives_no_verdict(tmp_path: Path) -> None:
    settings = Settings(out=tmp_path / "out", engine="rehearsal", drill=False, witnesses=())
    outcome = orchestrator.run(settings, scenario.read(), Silence())
    assert verdicts(outcome)["egress"].status == "inconclusive"
    assert verdicts(outcome)["telemetry"].status == "inconclusive"
    assert outcome.exit_code is ExitCode.INCONCLUSIVE
    assert verified(outcome) == ExitCode.INCONCLUSIVE
