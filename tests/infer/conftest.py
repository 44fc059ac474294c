"""A real engine of the tests' own, which the program takes for an Ollama server, and models on it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from stingy_server import StingyServer

from showcase.engines.ollama_models import OllamaModels
from showcase.engines.rehearsal_engine import RehearsalEngine
from showcase.evidence import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    MakeModel = Callable[..., str]

OLLAMA = Endpoint(address="127.0.0.1", port=11434)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    server = RehearsalEngine(environment=dict(os.environ), cwd=tmp_path_factory.mktemp("engine"))
    yield server.wait_ready()
    server.end()


@pytest.fixture
def make_model(engine: Endpoint) -> Iterator[MakeModel]:
    """Make a model on the engine, with the context given; deleted after the test."""
    with _maker(engine, "rehearsal") as make:
        yield make


@pytest.fixture
def stingy(engine: Endpoint) -> Iterator[StingyServer]:
    """The same engine behind a server that may have no memory for a model."""
    server = StingyServer(engine)
    yield server
    server.close()


@pytest.fixture(scope="session")
def ollama_server() -> Endpoint:
    """A live Ollama server with the two small models; skips where there is none."""
    try:
        rows = httpx.get(f"http://{OLLAMA}/api/tags", trust_env=False, timeout=5).json()["models"]
    except (httpx.HTTPError, ValueError, KeyError) as failure:
        pytest.skip(f"no Ollama server answers at {OLLAMA} ({type(failure).__name__})")
    if missing := {"tiny-chat:latest", "all-minilm:latest"} - {row["name"] for row in rows}:
        pytest.skip(f"the Ollama server at {OLLAMA} lacks {', '.join(sorted(missing))}")
    return OLLAMA


@pytest.fixture
def make_live_model(ollama_server: Endpoint) -> Iterator[MakeModel]:
    """Make a model on the live server, with the context given; deleted after the test."""
    with _maker(ollama_server, "tiny-chat") as make:
        yield make


@contextmanager
def _maker(endpoint: Endpoint, base: str) -> Iterator[MakeModel]:
    server = OllamaModels(endpoint)
    made: list[str] = []

    def make(tag: str, *, num_ctx: int) -> str:
        made.append(tag)
        request = {"model": tag, "from": base, "parameters": {"num_ctx": num_ctx}}
        server.create(request, on_progress=lambda _: None)
        return tag

    try:
        yield make
    finally:
        for tag in made:
            server.unload(tag)
            httpx.request("DELETE", f"http://{endpoint}/api/delete", json={"model": tag}, trust_env=False, timeout=30)
        server.close()
