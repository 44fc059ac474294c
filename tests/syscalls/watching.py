"""A command under a real supervisor, and what the witness said of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.evidence import Attempt, Coverage, WitnessReport
from showcase.witnesses.syscalls.witness import SyscallsWitness

if TYPE_CHECKING:
    import subprocess

TIMEOUT_S = 60


@dataclass(frozen=True)
class Watch:
    """What came of one command under the witness."""

    attempts: tuple[Attempt, ...]
    report: WitnessReport
    records: list[dict[str, Any]]
    output: str
    errors: str
    returncode: int

    @property
    def coverage(self) -> Coverage:
        return self.report.coverage[0]

    def of(self, kind: str) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.kind == kind]

    def ports(self, kind: str = "connect") -> list[int | None]:
        return [attempt.port for attempt in self.of(kind)]


def finish(witness: SyscallsWitness, process: subprocess.Popen[str], timeout: float = TIMEOUT_S) -> Watch:
    """Wait for a wrapped process and hear the witness."""
    try:
        output, errors = process.communicate(timeout=timeout)
    finally:
        process.kill()
        process.wait()
    witness.leave("child", process.pid)
    testimony = witness.stop()
    return Watch(
        attempts=testimony.attempts,
        report=testimony.report,
        records=witness.records["child"],
        output=output,
        errors=errors,
        returncode=process.returncode,
    )


def python(script: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", script, *arguments]


Spawn = Callable[..., tuple[SyscallsWitness, "subprocess.Popen[str]"]]
Watcher = Callable[..., Watch]
