"""The sampler sees what lives, says whose it was, and says when it could not look."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from showcase.clock import RunClock
from showcase.witnesses import socket_table
from showcase.witnesses.decoy import DecoyListener
from showcase.witnesses.sockets import SocketsWitness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Attempt
    from showcase.witnesses.interface import Testimony

PERIOD_S = 0.02
HOLD = """
import socket, sys
held = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print("connected", flush=True)
sys.stdin.readline()
"""
GRANDCHILD = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {HOLD!r}, sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print("connected", flush=True)
sys.stdin.readline()
child.communicate(b"\\n")
"""


@pytest.fixture
def decoy() -> Iterator[DecoyListener]:
    listener = DecoyListener()
    yield listener
    listener.close()


def watch(code: str, decoy: DecoyListener) -> tuple[Testimony, int]:
    """Run `code` under the witness and hold what it opened for a few periods."""
    witness = SocketsWitness(PERIOD_S)
    assert witness.unavailable() is None
    witness.start(RunClock())
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(decoy.endpoint.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    witness.enter("session 1", child.pid)
    assert child.stdout is not None
    assert child.stdout.readline().strip() == b"connected"
    time.sleep(10 * PERIOD_S)
    child.communicate(b"\n", timeout=30)
    witness.leave("session 1", child.pid)
    return witness.stop(), child.pid


def rows(testimony: Testimony, decoy: DecoyListener, kind: str) -> list[Attempt]:
    return [row for row in testimony.attempts if row.kind == kind and row.port == decoy.endpoint.port]


def test_a_connection_that_is_held_is_seen_with_its_process(decoy: DecoyListener) -> None:
    testimony, pid = watch(HOLD, decoy)
    (row,) = rows(testimony, decoy, "connect")
    assert (row.pid, row.role, row.address, row.transport) == (pid, "session 1", "127.0.0.1", "tcp")
    assert row.last_seen_s >= row.first_seen_s > 0
    (coverage,) = testimony.report.coverage
    assert coverage.complete, coverage.note
    assert testimony.report.counts["samples"] > 3


def test_the_side_that_accepts_is_no_connection_of_its_own(decoy: DecoyListener) -> None:
    testimony, _ = watch(HOLD, decoy)
    (listening,) = rows(testimony, decoy, "listen")
    (accepted,) = rows(testimony, decoy, "accept")
    assert listening.role == accepted.role == "orchestrator"
    assert listening.pid == accepted.pid == os.getpid()


def test_a_grandchild_is_seen_and_attributed(decoy: DecoyListener) -> None:
    testimony, pid = watch(GRANDCHILD, decoy)
    (row,) = rows(testimony, decoy, "connect")
    assert row.pid != pid
    assert row.role == "child of session 1"


def test_a_process_that_was_never_seen_is_not_covered() -> None:
    witness = SocketsWitness(PERIOD_S)
    witness.start(RunClock())
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(timeout=30)
    witness.enter("session 1", gone.pid)
    witness.leave("session 1", gone.pid)
    (coverage,) = witness.stop().report.coverage
    assert not coverage.complete
    assert "never seen" in coverage.note


def test_a_process_whose_end_was_not_seen_is_not_covered() -> None:
    witness = SocketsWitness(PERIOD_S)
    witness.start(RunClock())
    witness.enter("session 1", os.getpid())
    (coverage,) = witness.stop().report.coverage
    assert not coverage.complete


def test_a_pause_in_looking_is_an_interruption() -> None:
    stopper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    witness = SocketsWitness(period_s=0.5, interruption_s=0.4)
    witness.start(RunClock())
    witness.enter("session 1", stopper.pid)
    time.sleep(0.6)
    stopper.kill()
    stopper.wait(timeout=30)
    witness.leave("session 1", stopper.pid)
    report = witness.stop().report
    assert not report.coverage[0].complete
    assert "not looked at for" in report.coverage[0].note


LATE = f"""
import sys, time
print("connected", flush=True)
time.sleep({20 * PERIOD_S})
{HOLD}
"""


def test_it_goes_on_looking_where_it_cannot_know_that_all_have_ended(decoy: DecoyListener) -> None:
    witness = SocketsWitness(PERIOD_S, linger_s=100 * PERIOD_S)
    witness.start(RunClock())
    late = subprocess.Popen(
        [sys.executable, "-c", LATE, str(decoy.endpoint.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert late.stdout is not None
    assert late.stdout.readline().strip() == b"connected"
    testimony = witness.stop()
    late.communicate(b"\n", timeout=30)
    assert [row.pid for row in rows(testimony, decoy, "connect")] == [late.pid]


def test_nothing_is_open_before_and_after() -> None:
    before = {row.laddr for row in psutil.Process().net_connections() if row.status == psutil.CONN_LISTEN}
    listener = DecoyListener()
    listener.close()
    after = {row.laddr for row in psutil.Process().net_connections() if row.status == psutil.CONN_LISTEN}
    assert before == after


def test_who_was_seen_before_anybody_knew_who_it_is_gets_its_role_later(decoy: DecoyListener) -> None:
    witness = SocketsWitness(PERIOD_S)
    witness.start(RunClock())
    child = subprocess.Popen(
        [sys.executable, "-c", GRANDCHILD, str(decoy.endpoint.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == b"connected"
    time.sleep(10 * PERIOD_S)
    witness.enter("engine", child.pid)
    time.sleep(10 * PERIOD_S)
    child.communicate(b"\n", timeout=30)
    witness.leave("engine", child.pid)
    ours = [row for row in witness.stop().attempts if (row.kind, row.port) == ("connect", decoy.endpoint.port)]
    assert [row.role for row in ours] == ["child of engine"]


def test_a_bare_error_of_the_system_ends_no_sampler(monkeypatch: pytest.MonkeyPatch) -> None:
    """As psutil raises it on Windows of a process that is ending. It was not looked at, and that is said."""
    witness = SocketsWitness(PERIOD_S)
    witness.start(RunClock())
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    def refuse(process: psutil.Process, kind: str = "inet") -> list[object]:
        raise OSError(6, f"the handle of {process.pid} is invalid ({kind})")

    def unknown(pids: object) -> list[object]:
        raise OSError(93, f"this kernel is not asked ({pids})")

    monkeypatch.setattr(socket_table, "_by_kernel", unknown)
    monkeypatch.setattr(psutil.Process, "net_connections", refuse)
    monkeypatch.setattr(psutil.Process, "name", refuse)
    witness.enter("session 1", child.pid)
    time.sleep(5 * PERIOD_S)
    child.communicate(b"\n")
    witness.leave("session 1", child.pid)
    report = witness.stop().report
    assert report.active
    row = next(row for row in report.coverage if row.role == "session 1")
    assert not row.complete
    assert report.counts["access_denied"] > 0
