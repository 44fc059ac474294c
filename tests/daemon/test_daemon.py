"""The claim `daemon`: planted in facts, and seen of real servers."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from showcase import claims
from showcase.audit import Request, audit, rules
from showcase.clock import RunClock
from showcase.engines.daemon_watch import DaemonWatch
from showcase.evidence import Daemon, DaemonProcess, DaemonSocket, Endpoint, Engine, Model, Run
from showcase.witnesses import proc_net

if TYPE_CHECKING:
    from collections.abc import Iterator

OLLAMA = """
import json, os, socket, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
cloud, host, peer = sys.argv[1:4]
class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        told = {"/api/version": {"version": "0.24.0"}, "/api/status": {"cloud": {"disabled": cloud == "off"}}}
        body = json.dumps(told.get(self.path, {})).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
server = ThreadingHTTPServer((host, 0), Answers)
if peer != "-":
    address, port = peer.rsplit(":", 1)
    held = socket.create_connection((address, int(port)))
if os.fork():
    os._exit(0)  # a server is nobody's child
print(server.server_address[1], os.getpid(), flush=True)
server.serve_forever()
"""
"""A server that answers the two questions as Ollama does (recorded from 0.24.0), and holds a connection if told."""

FACTS = Daemon(
    endpoint=Endpoint(address="127.0.0.1", port=11434),
    ollama="0.24.0",
    cloud_disabled=True,
    sight="processes",
    uid=998,
    processes=(
        DaemonProcess(pid=10, name="ollama", serves=True),
        DaemonProcess(pid=11, name="ollama runner", serves=False),
    ),
    sockets=(
        DaemonSocket(kind="listen", address="127.0.0.1", port=11434, pid=10, first_seen_s=0, last_seen_s=99),
        DaemonSocket(kind="connect", address="127.0.0.1", port=40000, pid=10, first_seen_s=0, last_seen_s=99),
        DaemonSocket(kind="listen", address="127.0.0.1", port=40000, pid=11, first_seen_s=0, last_seen_s=99),
    ),
    looks=20,
    longest_gap_s=0.1,
    from_s=0.0,
    until_s=2.0,
)


@contextmanager
def server(cloud: str = "off", host: str = "127.0.0.1", peer: str = "-") -> Iterator[int]:
    port, pid = started([sys.executable, "-c", OLLAMA, cloud, host, peer])
    try:
        yield port
    finally:
        os.kill(pid, signal.SIGKILL)


def started(command: list[str]) -> tuple[int, int]:
    """Return port and pid of a server that is no descendant of ours."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port, pid = process.stdout.readline().split()
    return int(port), int(pid)


def audited(port: int) -> Run:
    """Return the audit of a client of the server at `port`."""
    script = f"import urllib.request as u; u.urlopen('http://127.0.0.1:{port}/api/version').read()"
    return audit(
        Request(
            command=(sys.executable, "-c", script),
            environment={**os.environ, "NO_PROXY": "*"},
            rules=(rules.parse(f"127.0.0.1:{port}"),),
        )
    )


@pytest.fixture(scope="module")
def log() -> Run:
    """The audit of a client of a server with its cloud part off."""
    with server() as port:
        return audited(port)


def at(port: int, facts: Daemon) -> Daemon:
    """Return the facts as those of a server at another port."""
    sockets = tuple(replace(each, port=port) if each.port == FACTS.endpoint.port else each for each in facts.sockets)
    return replace(facts, endpoint=replace(facts.endpoint, port=port), sockets=sockets)


def port_of(run: Run) -> int:
    (daemon,) = run.daemons
    return daemon.endpoint.port


def verdict(run: Run, **changes: object) -> tuple[str, str, tuple[str, ...]]:
    planted = replace(run, daemons=(at(port_of(run), replace(FACTS, **changes)),))  # type: ignore[arg-type]
    # By itself: the planted facts are those of another server than the rest of the log tells of.
    found = next(each for each in claims.CLAIMS if each.id == "daemon").judge(planted)
    return found.status, found.reason, found.limits


def socket_at(address: str, port: int, kind: str = "connect") -> DaemonSocket:
    return DaemonSocket(kind=kind, address=address, port=port, pid=10, first_seen_s=1, last_seen_s=1)  # type: ignore[arg-type]


def test_cloud_off_and_sockets_local_is_upheld_as_sampled(log: Run) -> None:
    (daemon,) = log.daemons
    assert (daemon.ollama, daemon.cloud_disabled, daemon.sight) == ("0.24.0", True, "processes")
    found = {each.id: each for each in log.claims}
    assert (found["daemon"].status, found["daemon"].level) == ("upheld", "sampled"), found["daemon"]


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({}, "upheld", "connected to this machine alone"),
        ({"sockets": (socket_at("192.0.2.10", 443),)}, "broken", "192.0.2.10:443"),
        ({"sockets": (socket_at("2001:db8::1", 443),)}, "broken", "[2001:db8::1]:443"),
        ({"sockets": (*FACTS.sockets, socket_at("::ffff:127.0.0.1", 40000))}, "upheld", ""),
        ({"sockets": (socket_at("0.0.0.0", 11434, "listen"),)}, "broken", "anyone on the network"),  # noqa: S104 - planted
        ({"sockets": (socket_at("::", 11434, "listen"),)}, "broken", "anyone on the network"),
        ({"sight": "user", "sockets": (socket_at("192.0.2.10", 443),)}, "broken", "user id 998"),
        ({"sight": "none", "unseen": "Run this with sudo"}, "inconclusive", "sudo"),
        ({"sight": "user", "processes": ()}, "inconclusive", "could not be looked into, only the internet sockets"),
        (
            {"ollama": None, "cloud_disabled": None, "unseen": "it gave no answer"},
            "inconclusive",
            "is not known: it gave",
        ),
        ({"looks": 0}, "inconclusive", "never looked at"),
        ({"longest_gap_s": 60.0}, "inconclusive", "60.0 s"),
        ({"cloud_disabled": False}, "inconclusive", "OLLAMA_NO_CLOUD=1"),
        ({"cloud_disabled": None}, "inconclusive", "way out"),
        ({"ollama": None}, "upheld", ""),
        ({"ollama": None, "sockets": (socket_at("192.0.2.10", 443),)}, "inconclusive", "192.0.2.10:443"),
    ],
)
def test_what_is_planted_in_the_facts_is_judged(log: Run, changes: dict[str, object], status: str, words: str) -> None:
    found, reason, _ = verdict(log, **changes)
    assert found == status, reason
    assert words in reason


def test_beside_a_run_a_cloud_part_that_is_on_is_a_limit(log: Run) -> None:
    model = Model(name="one:latest", remote=False)
    engine = Engine(
        kind="ollama",
        why="asked for",
        version="0.24.0",
        endpoint=log.daemons[0].endpoint,
        chat_model=model,
        embed_model=model,
        cloud_disabled=False,
        loaded=(),
    )
    status, _, limits = verdict(replace(log, command=None, engine=engine), cloud_disabled=False)
    assert status == "upheld"
    assert any("OLLAMA_NO_CLOUD=1" in limit for limit in limits)


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


@pytest.mark.root
@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="needs root to become somebody else")
def test_another_users_server_is_seen_by_user(log: Run) -> None:
    """What an ordinary user sees of a server that runs as another one."""
    nobody, other = 65534, 65533
    script = (
        "import json, os, sys\n"
        "from dataclasses import asdict\n"
        "from showcase.clock import RunClock\n"
        "from showcase.engines.daemon_watch import DaemonWatch\n"
        "from showcase.evidence import Endpoint, Rule\n"
        "def look():\n"
        "    watch = DaemonWatch([Rule(host='127.0.0.1', port=int(sys.argv[1]))])\n"
        "    watch.start(RunClock())\n"
        "    return json.dumps(asdict(*watch.daemons([Endpoint(address='127.0.0.1', port=int(sys.argv[1]))])))\n"
        "from showcase.witnesses import proc_net\n"
        "proc_net.tcp()\n"
        "look()\n"  # once as root: Python itself may be closed to others
        f"os.setuid({other})\n"
        "print(look())\n"
    )
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("no setpriv")
    with socket.create_server(("127.0.0.1", 0)) as other:
        peer = other.getsockname()[1]
        port, pid = started(
            [setpriv, f"--reuid={nobody}", "--clear-groups", "/usr/bin/python3", "-c", OLLAMA, "off", "127.0.0.1",
             f"127.0.0.1:{peer}"],
        )  # fmt: skip
        try:
            done = subprocess.run(
                [sys.executable, "-c", script, str(port)], capture_output=True, text=True, check=False
            )
        finally:
            os.kill(pid, signal.SIGKILL)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert (facts["sight"], facts["uid"]) == ("user", nobody)
    assert peer in [each["port"] for each in facts["sockets"] if each["kind"] == "connect"]
    local = tuple(DaemonSocket(**each) for each in facts["sockets"] if each["kind"] == "listen")
    seen = {**facts, "endpoint": Endpoint(**facts["endpoint"]), "processes": (), "sockets": local}
    planted = replace(log, daemons=(at(port_of(log), Daemon(**seen)),))
    found = next(each for each in claims.CLAIMS if each.id == "daemon").judge(planted)
    assert found.status == "inconclusive", "of its processes nothing was seen"
    assert f"user id {nobody}" in found.reason
    assert not any(word in found.reason for word in ("kill", "end that", "stop"))
