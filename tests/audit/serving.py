"""A server behind an allowed loopback port, the client that tells it something, and what the audit says of both."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditing import TIMEOUT_S, Audited

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.evidence import Verdict

SERVER = """
import ctypes, os, socket, struct, sys, threading, time
address, port, first, each = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
def waiting(address, port):
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((address, port))
    listener.listen()
    return listener
listener = waiting(address, port)
port = listener.getsockname()[1]
exec(first)
print(port, flush=True)
while True:
    caller, _ = listener.accept()
    told = caller.recv(65535)
    exec(each)
    caller.sendall(b"HTTP/1.1 404 No\\r\\nContent-Length: 0\\r\\n\\r\\n")
    caller.close()
"""
"""A server of one thread. `first` runs before it serves, `each` for every request."""

TELL = """
import pathlib, socket, sys, time
for place in sys.argv[1:]:
    address, port = place.rsplit("@", 1)
    if address == "say":
        pathlib.Path(port).touch()
    elif address == "wait":
        while not pathlib.Path(port).exists(): time.sleep(0.02)
    elif address == "until":
        while True:
            with socket.socket() as server:
                if server.connect_ex(("127.0.0.1", int(port))) == 0:
                    server.sendall(b"alice likes sushi"); server.recv(10); break
            time.sleep(0.001)
    elif address == "try":
        assert socket.socket().connect_ex(("127.0.0.1", int(port)))
    else:
        with socket.create_connection((address, int(port))) as server:
            server.sendall(b"alice likes sushi")
            server.recv(10)
"""
"""A client that tells each server something, and takes turns with a test by files."""

SEEN_S = 1.0
"""Longer than the pause between two looks, on a busy machine too."""


@dataclass
class Served:
    port: int
    process: subprocess.Popen[str]


Serve = Callable[..., Served]


class Turn:
    """What a test does while the command waits for it."""

    def __init__(self, place: Path, act: Callable[[], object]) -> None:
        self._said, self._done = place / "said", place / "done"
        self._thread = threading.Thread(target=self._run, args=(act,))
        self._thread.start()

    def __iter__(self) -> Iterator[str]:
        """Return what the client has to be told."""
        return iter((f"say@{self._said}", f"wait@{self._done}"))

    def _run(self, act: Callable[[], object]) -> None:
        until = time.monotonic() + TIMEOUT_S
        while not self._said.exists() and time.monotonic() < until:
            time.sleep(0.02)
        act()
        self._done.touch()


def seen(act: Callable[[], object]) -> Callable[[], object]:
    """Return what does the same and lets a look pass."""
    return lambda: (act(), time.sleep(SEEN_S))


def allow(*places: str) -> list[str]:
    return [part for place in places for part in ("--allow", place)]


def daemon(done: Audited) -> Verdict | None:
    return next((each for each in done.run.claims if each.id == "daemon"), None)


def told(done: Audited) -> str:
    found = daemon(done)
    return done.stderr if found is None else f"{found.status}: {found.reason}"


def assert_upheld(done: Audited, *ports: int) -> None:
    assert done.exit_code == 0, told(done)
    assert told(done).startswith("upheld")
    assert sorted(each.endpoint.port for each in done.run.daemons) == sorted(ports)


def assert_not_upheld(done: Audited, words: str) -> None:
    assert done.exit_code == 3, told(done)
    assert told(done).startswith("inconclusive")
    assert words in told(done)
