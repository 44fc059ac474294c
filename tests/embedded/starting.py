"""Starts the embedded engine as a run does, and looks at what is left of one that did not come up."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from showcase.engines.embedded.limits import PATIENCE
from showcase.engines.embedded_engine import EmbeddedEngine, require_runnable
from showcase.errors import ShowcaseError
from showcase.processes.environment import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Endpoint

NUM_CTX = 256
LONGEST_S = 20.0
"""Far longer than any of them takes, on a machine that does much else."""

SHARED = Path("/dev/shm")  # noqa: S108 - where the engine has its sockets


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What a person is told of a model that does not run."""

    message: str
    hint: str


def refused(model: Path, place: Path, *, patience: float = 0.01) -> Refused:
    """Start a model that does not run; return what is said of it, in bounded time, with nothing left behind."""
    begun = time.monotonic()
    with pytest.raises(ShowcaseError) as found, starting(model, place, patience=patience):
        pass
    assert time.monotonic() - begun < LONGEST_S
    told = Refused(message=found.value.message, hint=found.value.hint)
    assert "Traceback" not in told.message
    assert len(told.message.splitlines()) == 1
    assert len(told.message) < 600
    assert told.hint
    return told


@contextmanager
def starting(model: Path, place: Path, *, patience: float = 1.0) -> Iterator[Endpoint]:
    """Check a model, start an engine that runs it, wait until it is ready, end it."""
    place.mkdir(exist_ok=True)
    models = require_runnable(str(model), None, num_ctx=NUM_CTX)
    environment = {**build(os.environ)[0], PATIENCE: str(patience)}
    engine = EmbeddedEngine(models, environment=environment, cwd=place)
    try:
        yield engine.wait_ready()
    finally:
        engine.end()
        assert not psutil.pid_exists(engine.spawned_pid)
        assert not list(place.iterdir())
        assert not list(SHARED.glob(f"showcase-llama-{engine.spawned_pid:x}-*"))
