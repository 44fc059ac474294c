"""The claim `daemon`, seen of real servers."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time

import pytest
from beside import audited, server, started

from showcase.audit import Request, audit, rules
from showcase.clock import RunClock
from showcase.engines.daemon_watch import DaemonWatch
from showcase.evidence import Endpoint
from showcase.witnesses import proc_net


def test_a_client_of_a_server_with_its_cloud_part_on_cannot_be_told() -> None:
    with server("on") as port:
        run = audited(port)
    assert {each.id: each.status for each in run.claims} == {"egress": "upheld", "daemon": "inconclusive"}


SLOW = """
import os, socket, sys, threading, time
first_s, each_s = float(sys.argv[1]), float(sys.argv[2])
BODY = {"/api/version": b'{"version":"0.24.0"}', "/api/status": b'{"cloud":{"disabled":false}}'}
asked = threading.Semaphore(1)
def answer(caller):
    path = caller.recv(65535).decode().split()[1:2]
    time.sleep(first_s if asked.acquire(blocking=False) else each_s)
    body = BODY.get(path[0] if path else "", b"{}")
    caller.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\nConnection: close\\r\\n\\r\\n" % len(body) + body)
    caller.close()
server = socket.create_server(("127.0.0.1", 0))
if os.fork():
    os._exit(0)  # a server is nobody's child
print(server.getsockname()[1], os.getpid(), flush=True)
while True:
    threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()
"""
"""An Ollama with its cloud part on that answers the first question after some seconds, and each other after some."""


@pytest.mark.parametrize(
    ("first_s", "each_s", "words"),
    [
        ("3", "0", "has its cloud part on"),  # as one that was busy when the audit began
        ("60", "60", "is not known: it gave no answer within"),  # as one that never has the time
    ],
)
def test_who_is_slow_to_say_what_it_is_is_not_taken_for_no_ollama(first_s: str, each_s: str, words: str) -> None:
    port, pid = started([sys.executable, "-c", SLOW, first_s, each_s])
    hello = f"import socket; socket.create_connection(('127.0.0.1', {port})).sendall(b'hello')"
    allowed = (rules.parse(f"127.0.0.1:{port}"),)
    try:
        run = audit(Request(command=(sys.executable, "-c", hello), environment=dict(os.environ), rules=allowed))
    finally:
        os.kill(pid, signal.SIGKILL)
    found = next(each for each in run.claims if each.id == "daemon")
    assert found.status == "inconclusive", found.reason
    assert words in found.reason


def test_a_server_on_every_address_is_broken() -> None:
    with server(host="0.0.0.0") as port:  # noqa: S104 - what is to be found
        run = audited(port)
    found = next(each for each in run.claims if each.id == "daemon")
    assert found.status == "broken", found.reason
    assert "0.0.0.0" in found.reason  # noqa: S104 - as above


def test_the_watch_sees_a_connection_that_the_server_holds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        peer = other.getsockname()[1]
        with server(peer=f"127.0.0.1:{peer}") as port:
            watch = DaemonWatch([rules.parse(f"127.0.0.1:{port}")])
            watch.start(RunClock())
            time.sleep(0.3)
            (facts,) = watch.daemons([Endpoint(address="127.0.0.1", port=port)])
    assert [each.port for each in facts.sockets if each.kind == "connect"] == [peer]
    assert [process.serves for process in facts.processes] == [True]
    assert facts.looks >= 2


def test_a_server_that_was_left_alone_is_not_judged() -> None:
    with server() as port:
        run = audit(Request(command=("true",), environment=dict(os.environ), rules=(rules.parse(f"127.0.0.1:{port}"),)))
    assert not run.daemons
    assert [each.id for each in run.claims] == ["egress"]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc/net")
def test_the_tables_owner_is_ours_for_a_socket_of_ours() -> None:
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as waiting:
            try:
                waiting.bind((address, 0))
            except OSError:
                continue
            waiting.listen()
            port = waiting.getsockname()[1]
            rows = [row for row in proc_net.tcp() if row.port == port and row.listens]
        assert [(row.address, row.uid) for row in rows] == [(address, os.getuid())]


HANDS_OVER = """
import os, signal, socket, sys, time
peer = int(sys.argv[1])
here, there = socket.socketpair()
if os.fork() == 0:  # who was there before, and comes from another
    _, (listener,), _, _ = socket.recv_fds(there, 1, 1)
    held = socket.create_connection(("127.0.0.1", peer))
    time.sleep(0.4)
    held.close()
    os.close(listener)
    time.sleep(60)
    os._exit(0)
if os.fork():
    os._exit(0)
server = socket.create_server(("127.0.0.1", 0))
signal.signal(signal.SIGUSR1, lambda *_: socket.send_fds(here, [b"x"], [server.fileno()]))
print(server.getsockname()[1], os.getpid(), flush=True)
while True:
    time.sleep(1)
"""
"""A server that lends what it listens on to an older process, which connects to a peer for less than half a second."""


@pytest.mark.skipif(sys.platform != "linux", reason="who holds a socket is told by /proc")
def test_whoever_is_lent_the_port_for_a_moment_is_looked_at_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        peer = other.getsockname()[1]
        port, pid = started([sys.executable, "-c", HANDS_OVER, str(peer)])
        try:
            watch = DaemonWatch([rules.parse(f"127.0.0.1:{port}")])
            watch.start(RunClock())
            time.sleep(0.3)
            os.kill(pid, signal.SIGUSR1)
            time.sleep(0.8)
            (facts,) = watch.daemons([Endpoint(address="127.0.0.1", port=port)])
        finally:
            os.kill(pid, signal.SIGKILL)
    assert peer in [each.port for each in facts.sockets if each.kind == "connect"]
