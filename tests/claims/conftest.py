"""Logs that uphold everything, as different as can be had in seconds: audits and runs, made once."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from by_hand import phases_by_hand
from program import run, showcase
from shared import finished_once, once
from test_own_daemon import own

from showcase import runlog
from showcase.evidence import EmptyAdd, ModelPlan, Run, RungTried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOGS = Path(__file__).parents[1] / "logs"

SCRIPT = """
import socket, subprocess, sys, time, urllib.request
urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/", timeout=5).read()
if sys.argv[2:] != ["child"]:
    socket.getaddrinfo("localhost", 80)
    with socket.create_server(("127.0.0.1", 0)) as own, socket.create_connection(own.getsockname()):
        time.sleep(0.3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("127.0.0.1", 0))
    with socket.socket(socket.AF_UNIX) as local:
        local.connect_ex("/nowhere/at/all.sock")
    subprocess.run([sys.executable, __file__, sys.argv[1], "child"], check=True)
"""
"""Asks a server, itself and in a child, looks a name up, talks to itself, asks the routing table, and tries a path."""

HTTPS = """
import contextlib, urllib.request
with contextlib.suppress(OSError):
    urllib.request.urlopen("https://example.org/hello", timeout=5)
"""

SERVER = """
import http.server
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.fixture(scope="session")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of another program's server, which does nothing of its own."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=tmp_path_factory.mktemp("served"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.terminate()


def _ollama(log: Run) -> Run:
    """Return the log of a run as that of one with an Ollama that it started, a plan, and an `add` without a row."""
    run = own(log)
    assert run.engine is not None
    tag = run.engine.chat_model.name
    plan = ModelPlan(
        free_bytes=9_000_000_000,
        free_source="psutil",
        chosen=tag,
        num_ctx=16384,
        needed_bytes=3_000_000_000,
        reason="x",
    )
    engine = replace(run.engine, plan=plan, rungs_tried=(RungTried(tag=tag, outcome="loaded", reason="it fits"),))
    third = replace(run.sessions[2], empty_adds=(EmptyAdd(text="x", cause="a duplicate", detail="y"),))
    return replace(run, engine=engine, sessions=(*run.sessions[:2], third))


@pytest.fixture(scope="session")
def upheld(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str], Run]:
    """Return a log by its name, made when it is asked for."""
    made: dict[str, Run] = {}

    def audited(name: str, *arguments: str, script: bool = False) -> Run:
        def make(place: Path) -> None:
            given = [*arguments]
            if script:
                path = place / "script.py"
                path.write_text(SCRIPT, encoding="utf-8")
                number = str(request.getfixturevalue("port"))
                given += ["--allow", f"127.0.0.1:{number}", "--", sys.executable, str(path), number]
            done = showcase("audit", "--log", str(place / "log.json"), *given, cwd=place)
            assert done.returncode == 0, done.stdout + done.stderr

        return runlog.read(once(tmp_path_factory, name, make) / "log.json")

    def extracted(name: str) -> Run:
        return finished_once(tmp_path_factory, name, lambda out: run(out, "--infer")).log

    makers: dict[str, Callable[[str], Run]] = {
        "audit": lambda name: audited(name, script=True),
        "sealed-audit": lambda name: audited(name, "--seal", script=True),
        "sunk-audit": lambda name: audited(
            name, "--seal=sink", "--reveal", "--allow", "example.org:443", "--", sys.executable, "-c", HTTPS
        ),
        "limited-audit": lambda name: audited(name, "--seal", "--for", "1s", "--", "sleep", "30"),
        "outlived-audit": lambda name: audited(name, "--seal", "--for", "2s", "--", "sh", "-c", "sleep 30 & exit 3"),
        "run": lambda _: request.getfixturevalue("log"),
        "unsealed-run": lambda _: request.getfixturevalue("unsealed"),
        "inferring-run": extracted,
        "ollama-run": lambda _: _ollama(request.getfixturevalue("log")),
        "forgetting-run": lambda name: (
            finished_once(tmp_path_factory, name, lambda out: run(out, "--forget", "--no-drill")).log
        ),
        "store-run": lambda _: runlog.read(LOGS / "version-4" / "run-postgresql.json"),
        "embedded-run": lambda _: runlog.read(LOGS / "version-5" / "run-embedded.json"),
        "embedded-phases": lambda _: runlog.read(LOGS / "version-5" / "phases-embedded.json"),
        "phases": lambda _: phases_by_hand(tmp_path_factory).log(4),
    }

    def get(name: str) -> Run:
        if name not in made:
            made[name] = makers[name](name)
        return made[name]

    return get


@pytest.fixture(scope="session")
def sealable() -> None:
    """Skip where no seal can be made."""
    if sys.platform != "linux":
        pytest.skip("seals are Linux's")
    from showcase.witnesses.syscalls.command import why_unavailable  # noqa: PLC0415 - of Linux

    reason = why_unavailable("--seal", "")
    if reason is not None:
        pytest.skip(f"no seal here: {reason}")
