"""Engine processes for tests; every one is real and speaks HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
def started(module: str, *arguments: str, **variables: str) -> Iterator[Running]:
    """Starts an engine, waits until it is ready, ends it."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **variables},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        announced: dict[str, Any] = {}
        while announced.get("event") != "ready":
            line = process.stdout.readline()
            assert line, f"the engine ended before it was ready: {process.stderr.read()}"
            announced = json.loads(line)
        yield Running(process=process, announced=announced)
    finally:
        process.stdin.close()
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()
