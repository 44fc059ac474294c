"""The claim `daemon`, planted in facts."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import replace

import pytest
from beside import OLLAMA, audited, server, started

from showcase import claims
from showcase.evidence import Daemon, DaemonProcess, DaemonSocket, Endpoint, Engine, Model, Run

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
