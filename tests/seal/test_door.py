"""A sealed server is reached from outside by its door, and reaches nobody itself."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sealing import QUIETLY

from showcase.clock import RunClock
from showcase.witnesses.seal.agreement import compare
from showcase.witnesses.seal.door import SOCKETS
from showcase.witnesses.seal.witness import BRIDGE_UNSEEN, SealWitness
from showcase.witnesses.syscalls.witness import SyscallsWitness

if TYPE_CHECKING:
    from collections.abc import Iterator

ECHO = """
import socket, sys, threading
def echo(connection):
    with connection:
        while data := connection.recv(1 << 16): connection.sendall(data)
server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=512)
print("ready", flush=True)
while True: threading.Thread(target=echo, args=(server.accept()[0],), daemon=True).start()
"""


class Behind:
    """A process behind a door, and what the witnesses say when it has ended."""

    def __init__(self, port: int, script: str) -> None:
        self.port = port
        self.syscalls = SyscallsWitness("--linger", "0")
        self.seal = SealWitness(self.syscalls)
        self.seal.doors["engine"] = port
        for witness in (self.syscalls, self.seal):
            witness.start(RunClock())
        command = self.syscalls.wrap("engine", [sys.executable, "-c", script, str(port)])
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )

    def said(self) -> bytes:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def end(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=30)
        self.syscalls.leave("engine", 0)
        self.calls, self.wire = self.syscalls.stop(), self.seal.stop()


@contextmanager
def behind_a_door(script: str) -> Iterator[Behind]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = Behind(port, script)
    try:
        yield started
    finally:
        started.end()


def call(port: int, data: bytes) -> bytes:
    """Return what a server answers until it has heard our end."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as caller:
        caller.sendall(data)
        caller.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: caller.recv(1 << 16), b""))


def test_callers_come_in_again_and_again_and_every_byte_goes_both_ways() -> None:
    with behind_a_door(ECHO) as server:
        assert server.said() == b"ready\n"
        large = bytes(range(256)) * 400
        calls = 3 * SOCKETS  # each socket that leads inside is used again
        assert all(call(server.port, large) == large for _ in range(calls))
    counts = server.wire.report.counts
    assert (counts["let in by a door"], counts["unexplained"]) == (calls, 0)
    (coverage,) = server.wire.report.coverage
    assert coverage.complete, coverage.note
    assert BRIDGE_UNSEEN not in server.wire.report.unseen
    (row,) = server.calls.attempts
    assert (row.kind, row.address, row.port) == ("listen", "127.0.0.1", server.port)


def test_more_callers_than_there_are_sockets_wait_for_their_turn() -> None:
    with behind_a_door(ECHO) as server:
        server.said()
        callers = [socket.create_connection(("127.0.0.1", server.port), timeout=20) for _ in range(SOCKETS + 8)]
        for number, caller in enumerate(callers):
            caller.sendall(b"%d" % number)
        for number, caller in enumerate(callers):
            assert caller.recv(9) == b"%d" % number
            caller.close()


def test_where_nobody_listens_inside_a_caller_is_turned_away() -> None:
    with behind_a_door("import time; print('up', flush=True); time.sleep(60)") as idle:
        idle.said()
        with pytest.raises(OSError, match=r"reset|Broken pipe|not connected"):
            call(idle.port, b"hello")


def test_a_server_behind_a_door_reaches_nobody_outside() -> None:
    with socket.create_server(("127.0.0.1", 0)) as outside:
        outside.settimeout(0.2)
        other = outside.getsockname()[1]
        script = (
            QUIETLY + f"print(quietly(lambda: socket.create_connection(('127.0.0.1', {other}))), "
            "quietly(lambda: socket.getaddrinfo('collector.example.com', 443)), flush=True)"
        )
        with behind_a_door(script) as server:
            assert server.said() == b"111 -2\n"
        with pytest.raises(TimeoutError):
            outside.accept()
    tried = {(row.kind, row.name or row.port) for row in server.wire.attempts if row.kind != "send"}
    assert {("connect", other), ("lookup", "collector.example.com")} <= tried


def test_a_port_that_is_taken_is_said_and_nothing_is_run() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        started = Behind(taken.getsockname()[1], "print('was run')")
        said, complaint = started.process.communicate(timeout=30)
        started.end()
    assert (started.process.returncode, said) == (125, b"")
    assert b"cannot be had: Address already in use" in complaint
    assert not started.wire.report.coverage[0].complete


def test_only_what_comes_in_by_the_door_needs_no_call_to_explain_it() -> None:
    records = [
        {"event": "sealed", "entrance": 4242},
        {"event": "packets", "transport": "tcp", "address": "127.0.0.1", "port": 4242, "count": 2},
        {"event": "packets", "transport": "tcp", "address": "127.0.0.1", "port": 4243, "count": 1},
        {"event": "packets", "transport": "tcp", "address": "192.0.2.7", "port": 4242, "count": 1},
    ]
    assert [(it["address"], it["port"]) for it in compare(records).unexplained] == [
        ("127.0.0.1", 4243),
        ("192.0.2.7", 4242),
    ]
