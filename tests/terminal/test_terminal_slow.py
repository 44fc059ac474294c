"""A model that reads for long, at a terminal: the live view says what it reads, and counts the seconds."""

from __future__ import annotations

import os
import re
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

if os.name == "nt":
    pytest.skip("pseudo-terminals are POSIX's", allow_module_level=True)

from at_a_terminal import Terminal, rows, seen

from showcase.engines.rehearsal_engine import RehearsalEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Reading:
    """Passes on what comes to an engine, but for chats, which it never answers."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=self._one, args=(self._listener.accept()[0],), daemon=True).start()

    def _one(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._port)) as engine, suppress(OSError):
            threading.Thread(target=self._back, args=(engine, client), daemon=True).start()
            while data := client.recv(1 << 16):
                if b"POST /api/chat" in data:
                    self._over.wait(120)
                    return
                engine.sendall(data)

    @staticmethod
    def _back(engine: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := engine.recv(1 << 16):
                client.sendall(data)

    def close(self) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[str]:
    engine = RehearsalEngine(environment=dict(os.environ), cwd=tmp_path)
    server = Reading(engine.wait_ready().port)
    yield server.address
    server.close()
    engine.end()


@pytest.mark.parametrize(
    ("options", "role", "what"),
    [
        (("--infer",), "session 1", "the model reads mem0's extraction prompt, to see whether it fits"),
        ((), "session 2", "the model reads its question with what was recalled"),
    ],
    ids=["preflight", "chat"],
)
def test_what_is_read_is_shown_and_the_seconds_count(
    reading: str, tmp_path: Path, options: tuple[str, ...], role: str, what: str
) -> None:
    run = (
        "run",
        "--engine",
        "ollama",
        "--ollama-host",
        reading,
        "--witness",
        "hook",
        "--no-drill",
        "--out",
        str(tmp_path / "out"),
    )
    counted: set[str] = set()
    with Terminal(*run, *options) as terminal:
        while len(counted) < 3:  # it is drawn again
            terminal.read_until("so far")
            shown = " ".join(seen(terminal.raw).split())
            counted |= set(re.findall(r"characters[^()]*\): (\d+) s so far", shown))
        terminal.type("\x03")
        terminal.end()
    text = " ".join(" ".join(rows(terminal.raw)).split())
    assert what in text
    assert role in text
