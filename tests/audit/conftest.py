"""Real commands under a real audit."""

from __future__ import annotations

import socket
import subprocess
import sys
from itertools import count
from typing import TYPE_CHECKING

import pytest
from auditing import Audited, Auditor, audit
from serving import SERVER, Serve, Served

from showcase.witnesses.syscalls.command import why_unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def watched() -> None:
    """Skip where the kernel does not tell of calls."""
    reason = why_unavailable()
    if reason is not None:
        pytest.skip(f"no seccomp user notification here: {reason}")


@pytest.fixture(scope="session")
def sealable() -> None:
    """Skip where no seal can be made."""
    reason = why_unavailable("--seal", "")
    if reason is not None:
        pytest.skip(f"no seal here: {reason}")


@pytest.fixture
def run(tmp_path: Path) -> Auditor:
    numbers = count()

    def start(*arguments: str, stdin: str | None = None, **variables: str) -> Audited:
        return audit(tmp_path / f"audit-{next(numbers)}.json", *arguments, stdin=stdin, **variables)

    return start


@pytest.fixture
def outside_port() -> Iterator[int]:
    """A listener that belongs to nobody who is audited."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as server:
        yield server.getsockname()[1]


@pytest.fixture
def serve() -> Iterator[Serve]:
    processes = []

    def start(address: str = "127.0.0.1", port: int = 0, first: str = "", each: str = "") -> Served:
        command = [sys.executable, "-c", SERVER, address, str(port), first, each]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        return Served(int(process.stdout.readline()), process)

    yield start
    for process in processes:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
