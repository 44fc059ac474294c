"""One rehearsal engine for all chats of a process of the runner; to a chat it is a server that was there before."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    Engines = Callable[..., AbstractContextManager[tuple[subprocess.Popen[str], str]]]


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "showcase.engines.rehearsal", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        yield process, f"{said['host']}:{said['port']}"
        process.kill()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Where it listens."""
    with started() as (_, address):
        yield address


@pytest.fixture
def engines() -> Engines:
    """What starts one of one's own, which may be slow, and may be killed."""
    return started


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"
