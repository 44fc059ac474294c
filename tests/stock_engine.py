"""Fixtures: a rehearsal engine, one for each process of the runner, and a mem0 that writes nowhere else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from showcase.engines.ollama import OllamaGate
from showcase.engines.rehearsal_engine import RehearsalEngine
from showcase.processes.environment import build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session", autouse=True)
def _mem0_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Name mem0's directory before anything imports it, which reads it once and for all."""
    before = {name: os.environ.get(name) for name in ("MEM0_DIR", "MEM0_TELEMETRY")}
    os.environ["MEM0_DIR"] = str(tmp_path_factory.mktemp("mem0"))
    os.environ["MEM0_TELEMETRY"] = "False"
    yield
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OllamaGate]:
    """The gate to a rehearsal engine of our own."""
    engine = RehearsalEngine(environment=build()[0], cwd=tmp_path_factory.mktemp("engine"))
    try:
        opened = OllamaGate(engine.wait_ready())
        yield opened
        opened.close()
    finally:
        engine.end()


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Begin in a directory of one's own; what a command changes of the environment, it puts back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHOWCASE_STORE", raising=False)
