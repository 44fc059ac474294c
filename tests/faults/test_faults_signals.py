"""Ctrl-C, SIGTERM and SIGKILL at several moments: no process is left, and the log says what was seen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import faulty_server
import pytest
from faulty_server import FaultyServer
from planting import END_S, finish, kill, verified, wait_for_line

from showcase import runlog

if TYPE_CHECKING:
    from planting import Place

    from showcase.evidence import Endpoint

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of this kind are POSIX's")
REHEARSAL = ("--engine", "rehearsal")


@pytest.mark.parametrize(
    ("number", "moment", "sessions"),
    [
        (signal.SIGINT, ("session 1", "started"), 0),
        (signal.SIGTERM, ("engine:",), None),
        (signal.SIGINT, ("session 1", "planted"), 1),
        (signal.SIGTERM, ("session 2", "recalled"), 2),
        (signal.SIGHUP, ("session 3", "started"), None),
    ],
)
def test_an_end_that_is_asked_for(
    place: Place, number: signal.Signals, moment: tuple[str, ...], sessions: int | None
) -> None:
    # The drill begins with session 1; two runs that are ended later than that are without.
    place.witnesses = () if moment[0] in ("session 1", "engine:") else ("--no-drill",)
    process = place.start(*REHEARSAL)
    wait_for_line(process, moment)
    process.send_signal(number)
    process.send_signal(number)  # the impatient press twice; the clean-up must not be hit by it
    ended = finish(process)
    assert ended.code == 3, ended.stderr
    assert "Traceback" not in ended.stderr
    place.assert_clean()
    log = runlog.read(place.out / "run-log.json")
    assert log.interrupted == number.name
    if sessions is not None:
        assert len(log.sessions) == sessions
    assert {claim.status for claim in log.claims if claim.id == "egress"} == {"inconclusive"}
    assert verified(place.out) == 3


@pytest.mark.parametrize("delay_s", [0.05, 0.25, 0.45, 0.6])
def test_an_end_before_anything_began(place: Place, delay_s: float) -> None:
    """Wherever in the program's own start it hits: no process, no half-made file, an earlier log as it was."""
    place.out.mkdir()
    (place.out / ".showcase").write_text("{}")
    (place.out / "run-log.json").write_text("an earlier log")
    process = place.start(*REHEARSAL)
    time.sleep(delay_s)
    process.send_signal(signal.SIGTERM)
    ended = finish(process)
    assert ended.code in (3, -signal.SIGTERM), ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    place.assert_nobody_left()
    kept = [*place.out.glob("run-log.*Z.json"), place.out / "run-log.json"]
    assert (kept[0]).read_text() == "an earlier log"


def test_a_signal_that_the_caller_ignores_is_ignored(place: Place) -> None:
    """As under `nohup`: the run goes on to its end."""
    process = subprocess.Popen(
        ["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", *place.start_command(*REHEARSAL, "--phase", "1")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=place.environment(),
    )
    wait_for_line(process, ["session 1", "started"])
    process.send_signal(signal.SIGHUP)
    ended = finish(process)
    assert "showcase run --phase 2" in ended.stdout
    assert runlog.read(place.out / "run-log.json").interrupted is None


def test_a_killed_run_takes_its_processes_along(place: Place, engine: Endpoint) -> None:
    """Also a worker that waits for a server that never answers, and would wait for ever."""
    place.witnesses = ()
    server = FaultyServer(engine, "/api/embed", faulty_server.hangs, after=2)
    try:
        process = place.start("--engine", "ollama", "--ollama-host", server.address)
        assert server.reached.wait(60)
        assert len(place.processes()) > 1
        kill(process)
        place.assert_nobody_left()
    finally:
        server.close()
    (events,) = place.out.glob("events/*/session-1.jsonl")
    said = [json.loads(line)["event"] for line in events.read_text().splitlines()]
    assert "planted" in said, "what the worker saw before is on disk"
    assert not (place.out / "run-log.json").exists(), "and nothing claims to be a log"


def test_a_killed_run_takes_the_engine_along(place: Place) -> None:
    place.witnesses = ()
    process = place.start(*REHEARSAL)
    wait_for_line(process, ["session 1", "planted"])
    kill(process)
    place.assert_nobody_left()


def test_an_engine_that_is_killed(place: Place) -> None:
    process = place.start(*REHEARSAL)
    wait_for_line(process, ["session 1", "planted"])
    (server,) = [item for item in place.processes() if "showcase.engines.rehearsal" in item.cmdline()]
    server.kill()
    said = finish(process).complaint(4)
    assert "no server answers at" in said or "broke off" in said
    place.assert_clean()
    assert verified(place.out) == 3


def test_the_check_for_processes_sees_one(place: Place) -> None:
    sleeper = subprocess.Popen(["/bin/sleep", str(END_S * 2)], env=place.environment())
    try:
        until = time.monotonic() + END_S
        while not (seen := place.processes()) and time.monotonic() < until:
            time.sleep(0.05)  # a process that has just begun shows no environment yet
        assert [item.pid for item in seen] == [sleeper.pid]
    finally:
        sleeper.kill()
        sleeper.wait()
    assert not place.processes()
