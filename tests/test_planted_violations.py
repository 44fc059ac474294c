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
from shared import once

from showcase import orchestrator, runlog
from showcase.errors import ExitCode
from showcase.progress import Silence
from showcase.scenes import scenario
from showcase.settings import Settings

if TYPE_CHECKING:
    from program import Finished

    from showcase.evidence import Verdict
    from showcase.orchestrator import Outcome

PLANTED = Path(__file__).parent / "planted"


def play(out: Path, worker: str) -> Outcome:
    settings = Settings(out=out, engine="rehearsal", worker=str(PLANTED / worker), drill=False)
    return orchestrator.run(settings, scenario.read(), Silence())


def verdicts(outcome: Outcome) -> dict[str, Verdict]:
    return {verdict.id: verdict for verdict in outcome.run.claims}


def judged(log: Path) -> dict[str, Verdict]:
    return {verdict.id: verdict for verdict in runlog.read(log).claims}


def verified(outcome: Outcome) -> int:
    done = showcase("verify", str(outcome.run_log), "--json")
    document = json.loads(done.stdout)
    assert document["differing"] == []
    assert [claim["status"] for claim in document["claims"]] == [v.status for v in outcome.run.claims]
    return done.returncode


@pytest.fixture(scope="module")
def betrayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of one run in which three claims are violated, each in a way of its own."""

    def conduct(place: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as decoy:
            (place / "decoy-port").write_text(str(decoy.getsockname()[1]))
            # In a process of its own: a decoy of the run's own tree would be internal.
            done = subprocess.run(
                [sys.executable, PLANTED / "conduct.py", place / "out", PLANTED / "treacherous_worker.py"],
                check=False,
                timeout=RUN_TIMEOUT_S,
            )
        assert done.returncode == ExitCode.BROKEN

    return once(tmp_path_factory, "betrayed", conduct) / "out" / "run-log.json"


def test_a_library_that_phones_home(betrayed: Path) -> None:
    egress = judged(betrayed)["egress"]
    assert egress.status == "broken"
    assert "session 2" in egress.reason
    assert "session 3" not in egress.reason


def test_a_search_that_reads_everybody(betrayed: Path) -> None:
    isolation = judged(betrayed)["isolation"]
    assert isolation.status == "broken"
    assert "search" in isolation.reason


def test_a_switch_that_is_on(betrayed: Path) -> None:
    telemetry = judged(betrayed)["telemetry"]
    assert telemetry.status == "broken"
    assert "CHROMA_OTEL_COLLECTION_ENDPOINT" in telemetry.reason


def test_what_nobody_violated_is_upheld_beside_what_is_broken(betrayed: Path) -> None:
    """Each of these verdicts is of its own violation, and of no other."""
    statuses = {verdict.id: verdict.status for verdict in judged(betrayed).values()}
    assert statuses == {
        "processes": "upheld",
        "persistence": "inconclusive",  # what session 3 recalled is not in its list: the nosy one's doing
        "isolation": "broken",
        "egress": "broken",
        "telemetry": "broken",
        "engine-local": "upheld",
        "context": "upheld",
    }
    document = json.loads((done := showcase("verify", str(betrayed), "--json")).stdout)
    assert done.returncode == ExitCode.BROKEN
    assert document["differing"] == []
    assert {claim["id"]: claim["status"] for claim in document["claims"]} == statuses


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


def test_a_witness_off_gives_the_lower_level(tmp_path: Path) -> None:
    settings = Settings(out=tmp_path / "out", engine="rehearsal", drill=False, witnesses=("sockets",))
    outcome = orchestrator.run(settings, scenario.read(), Silence())
    assert verdicts(outcome)["egress"].level == "sampled"
    assert verdicts(outcome)["telemetry"].level == "sampled"
    assert outcome.exit_code is ExitCode.UPHELD
    assert verified(outcome) == ExitCode.UPHELD


def test_the_hook_alone_gives_the_lowest(hooked: Finished) -> None:
    found = judged(hooked.out / "run-log.json")
    assert found["egress"].level == "self-reported"
    assert found["telemetry"].level == "self-reported"
    assert hooked.exit_code == ExitCode.UPHELD


def test_no_witness_gives_no_verdict(tmp_path: Path) -> None:
    settings = Settings(out=tmp_path / "out", engine="rehearsal", drill=False, witnesses=())
    outcome = orchestrator.run(settings, scenario.read(), Silence())
    assert verdicts(outcome)["egress"].status == "inconclusive"
    assert verdicts(outcome)["telemetry"].status == "inconclusive"
    assert outcome.exit_code is ExitCode.INCONCLUSIVE
    assert verified(outcome) == ExitCode.INCONCLUSIVE
