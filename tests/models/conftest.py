"""Servers for the tests of this room: recorded answers played back, the rehearsal engine, a live Ollama."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from showcase.evidence import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORDED = Path(__file__).resolve().parents[1] / "recorded"
OLLAMA = Endpoint(address="127.0.0.1", port=11434)


class Player(ThreadingHTTPServer):
    """Plays answers of a real Ollama server, in order, whatever is asked, and keeps what was asked.

    What is in `always` answers every request for that path instead: a document, or a status and one.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.answers: list[dict[str, Any]] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.always: dict[str, Callable[[dict[str, Any]], object]] = {}

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(address="127.0.0.1", port=self.server_port)

    def play(self, *names: str) -> None:
        """Answer the next requests as recorded in those files."""
        self.answers += [json.loads((RECORDED / f"{name}.json").read_text("utf-8")) for name in names]

    @staticmethod
    def recorded(name: str) -> str:
        """Return a recorded body."""
        return "".join(json.loads((RECORDED / f"{name}.json").read_text("utf-8"))["lines"])

    def say(self, status: int, document: object) -> None:
        """Answer the next request with `document`."""
        self.answers.append({"status": status, "lines": [json.dumps(document)]})


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Player

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = json.loads(body) if body else {}
        self.server.asked.append((self.path, request))
        always = self.server.always.get(self.path)
        if always is not None:
            said = always(request)
            status, document = said if isinstance(said, tuple) else (200, said)
            answer = {"status": status, "lines": [json.dumps(document)]}
        else:
            answer = self.server.answers.pop(0)
        content = "".join(answer["lines"]).encode()
        self.send_response(answer["status"])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST  # noqa: N815 - the name that http.server looks for

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def player() -> Iterator[Player]:
    with Player() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def rehearsal() -> Iterator[Endpoint]:
    """The rehearsal engine, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "showcase.engines.rehearsal"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        yield Endpoint(address=ready["host"], port=ready["port"])
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


@pytest.fixture(scope="session")
def ollama_server() -> Endpoint:
    """A live Ollama server with the two models of the recordings; skips where there is none."""
    try:
        rows = httpx.get(f"http://{OLLAMA}/api/tags", trust_env=False, timeout=5).json()["models"]
    except (httpx.HTTPError, ValueError, KeyError) as failure:
        pytest.skip(f"no Ollama server answers at {OLLAMA} ({type(failure).__name__})")
    there = {row["name"] for row in rows}
    if missing := {"tiny-chat:latest", "all-minilm:latest"} - there:
        pytest.skip(f"the Ollama server at {OLLAMA} lacks {', '.join(sorted(missing))}")
    return OLLAMA


@pytest.fixture
def scrap(ollama_server: Endpoint) -> Iterator[Callable[[str], str]]:
    """Register names of models to delete from the live server after the test."""
    names: list[str] = []

    def register(name: str) -> str:
        names.append(name)
        return name

    yield register
    for name in names:
        httpx.request("DELETE", f"http://{ollama_server}/api/delete", json={"model": name}, trust_env=False, timeout=30)


@pytest.fixture
def free_endpoint() -> Endpoint:
    """A loopback port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Endpoint(address="127.0.0.1", port=probe.getsockname()[1])
