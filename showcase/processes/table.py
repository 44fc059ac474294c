"""The operating system's process table: who lives, and who descends from whom."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

UNTOLD = (psutil.Error, OSError)
"""What psutil raises where it cannot tell of a process. On Windows some of it is the system's bare error: of a process
that is ending, or has barely begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFact:
    """What the operating system's process table says of a living process."""

    pid: int
    ppid: int
    create_time: float
    ancestors: tuple[int, ...]


def look_up(pid: int) -> ProcessFact | None:
    """Return what the process table says of `pid`, None where it is gone or may not be seen."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            return ProcessFact(
                pid=process.pid,
                ppid=process.ppid(),
                create_time=process.create_time(),
                ancestors=tuple(parent.pid for parent in process.parents()),
            )
    except UNTOLD:
        return None


def descendants(pid: int) -> list[psutil.Process]:
    """Return the living descendants of `pid`, those that may be seen."""
    try:
        children: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    except UNTOLD:
        return []
    return children
