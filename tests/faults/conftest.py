"""A place for each test's runs, and a real engine for the servers that stand in front of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from planting import Place
from shared import once

from showcase.engines.rehearsal_engine import RehearsalEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.evidence import Endpoint


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    for process in place.processes():  # of a test that failed
        process.kill()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A rehearsal engine of the tests' own, which the program takes for an Ollama server."""
    server = RehearsalEngine(environment=dict(os.environ), cwd=tmp_path_factory.mktemp("engine"))
    yield server.wait_ready()
    server.end()


@pytest.fixture(scope="session")
def planted_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output directory of a first phase, with a store in it; copied by those who need one."""

    def plant(directory: Path) -> None:
        place = Place(directory)
        ended = place.phase(1)
        assert (place.out / "mem0_chroma" / "chroma.sqlite3").is_file(), ended.stderr

    return once(tmp_path_factory, "planted", plant) / "out"
