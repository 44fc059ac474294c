"""A Python program in a seal, and what both witnesses said of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.clock import RunClock
from showcase.evidence import Attempt, WitnessReport
from showcase.witnesses.seal.witness import SealWitness
from showcase.witnesses.syscalls.witness import SyscallsWitness

if TYPE_CHECKING:
    from showcase.evidence import Coverage

QUIETLY = """
import os, socket, sys
def quietly(action):
    try: return action()
    except OSError as error: return error.errno
"""
"""Begins a program that tries something and says the number of its error."""

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Sealed:
    """What came of it."""

    output: str
    errors: str
    wire: tuple[Attempt, ...]
    calls: tuple[Attempt, ...]
    report: WitnessReport
    records: list[dict[str, Any]]
    supervisors: frozenset[int]

    @property
    def coverage(self) -> Coverage:
        return self.report.coverage[0]


def run(
    script: str, *arguments: str, ports: tuple[int, ...] = (), linger: str = "10", options: tuple[str, ...] = ()
) -> Sealed:
    """Run a program in a seal until it ends."""
    syscalls = SyscallsWitness("--linger", linger, *options)
    seal = SealWitness(syscalls, ports)
    for witness in (syscalls, seal):
        witness.start(RunClock())
    done = subprocess.run(
        syscalls.wrap("child", [sys.executable, "-c", script, *arguments]),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,
    )
    syscalls.leave("child", 0)
    calls, wire = syscalls.stop(), seal.stop()
    return Sealed(
        done.stdout,
        done.stderr,
        wire.attempts,
        calls.attempts,
        wire.report,
        syscalls.records["child"],
        syscalls.supervisors,
    )


Runner = Callable[..., Sealed]
