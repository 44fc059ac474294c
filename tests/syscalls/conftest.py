"""Real children under a real supervisor."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from watching import Spawn, Watch, Watcher, finish, python

from showcase.clock import RunClock
from showcase.witnesses.syscalls.command import FAULT, why_unavailable
from showcase.witnesses.syscalls.witness import SyscallsWitness


@pytest.fixture(scope="session", autouse=True)
def _available() -> None:
    reason = why_unavailable()
    if reason is not None and reason.startswith(FAULT):
        pytest.fail(reason)
    if reason is not None:
        pytest.skip(f"no seccomp user notification here: {reason}")


@pytest.fixture
def spawn() -> Spawn:
    def start(command: list[str], *options: str, **more: Any) -> tuple[SyscallsWitness, subprocess.Popen[str]]:
        witness = SyscallsWitness(*options)
        witness.start(RunClock())
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, **more}
        process = subprocess.Popen(
            witness.wrap("child", command),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            cwd=Path(__file__).parent,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            **streams,
        )
        return witness, process

    return start


@pytest.fixture
def watch(
    spawn: Spawn,
) -> Watcher:
    """Run a command, or the text of a Python program, under the witness until it ends."""

    def run(program: str | list[str], *options: str, **more: Any) -> Watch:
        return finish(*spawn(python(program) if isinstance(program, str) else program, *options, **more))

    return run
