"""Engine processes for the tests of this room; every one is real and speaks HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest
from engine_processes import Running
from engine_processes import started as start

from showcase.engines.rehearsal.embeddings import Embedder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

_SECONDS = 30


def started(*arguments: str) -> AbstractContextManager[Running]:
    """Starts an engine, waits until it is ready, ends it."""
    return start("showcase.engines.rehearsal", *arguments)


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
