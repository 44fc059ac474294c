"""Engine processes for the tests of this room; every one is real and speaks HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from showcase.engines.rehearsal.embeddings import Embedder

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An engine process that accepts connections."""

    process: subprocess.Popen[str]
    announced: dict[str, Any]

    @property
    def host(self) -> str:
        return str(self.announced["host"])

    @property
    def port(self) -> int:
        return int(self.announced["port"])

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def end(self) -> None:
        """Closes the engine's stdin, which is how a parent ends it."""
        assert self.process.stdin is not None
        self.process.stdin.close()


@contextmanager
def started(*arguments: str) -> Iterator[Running]:
    """Starts an engine, waits until it is ready, ends it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "showcase.engines.rehearsal", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        assert line, f"the engine ended before it was ready: {process.stderr.read()}"
        yield Running(process=process, announced=json.loads(line))
    finally:
        process.stdin.close()
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()


@pytest.fixture(scope="session")
def engine() -> Iterator[Running]:
    """One engine for every test that leaves its models as they are."""
    with started() as running:
        yield running


@pytest.fixture
def own_engine() -> Iterator[Running]:
    """An engine for one test."""
    with started() as running:
        yield running


@pytest.fixture
def http(engine: Running) -> Iterator[httpx.Client]:
    """A plain HTTP client of the engine, deaf to proxies."""
    with httpx.Client(base_url=engine.url, trust_env=False, timeout=_SECONDS) as client:
        yield client


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The embedding model, in this process."""
    return Embedder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server under test and the names of its two models."""

    url: str
    chat: str
    embed: str


@pytest.fixture(params=["engine", pytest.param("real_server", marks=pytest.mark.ollama)])
def server(request: pytest.FixtureRequest) -> Server:
    """The engine, and a real server: what holds for one must hold for the other."""
    found = request.getfixturevalue(request.param)
    if isinstance(found, Running):
        return Server(url=found.url, chat="rehearsal", embed="rehearsal-embed")
    host, port = found
    return Server(url=f"http://{host}:{port}", chat="tiny-chat", embed="all-minilm")


@pytest.fixture(scope="session")
def real_server() -> tuple[str, int]:
    """A live Ollama server at its own port with the two models of the recordings; skips where there is none."""
    host, port = "127.0.0.1", 11434
    try:
        rows = httpx.get(f"http://{host}:{port}/api/tags", trust_env=False, timeout=5).json()["models"]
    except (httpx.HTTPError, ValueError, KeyError) as failure:
        pytest.skip(f"no Ollama server answers at {host}:{port} ({type(failure).__name__})")
    there = {row["name"] for row in rows}
    if missing := {"tiny-chat:latest", "all-minilm:latest"} - there:
        pytest.skip(f"the Ollama server at {host}:{port} lacks {', '.join(sorted(missing))}")
    return host, port
