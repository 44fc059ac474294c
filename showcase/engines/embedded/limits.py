"""Bounds of a process that loads a file which may have been made to do harm.

llama.cpp runs the template of a file as it loads it, holding Python's lock meanwhile: no thread of ours could end that.
The time is bounded by a watchdog below Python, the memory by the system, where it bounds it (Linux).
"""

from __future__ import annotations

import faulthandler
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from showcase.engines.models.sizes import GIB

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST_S = 60.0
"""Time to load a small file: a hundred times what it takes."""

SLOWEST_BYTES_S = 20_000_000
"""A disk or network share that is slower is taken for none, bytes a second."""

TEMPLATE_S = 20.0
"""How long a template may take for one conversation. One of this program's own takes a millisecond; one that loops
never ends, and cannot be stopped."""

PATIENCE = "SHOWCASE_ENGINE_PATIENCE"
"""Variable: the part of these times that is waited, from 0.001 to 1; whoever tries files that never end has no time."""

SPARE_BYTES = 2 * GIB
"""Memory beyond what is planned: libraries, stacks of threads, and what a plan by rule of thumb is wrong by."""


def load_limit_s(file_bytes: int) -> float:
    """Return how long a file may take to load."""
    return _patience() * (LEAST_S + file_bytes / SLOWEST_BYTES_S)


def template_limit_s() -> float:
    """Return how long a template may take for one conversation."""
    return _patience() * TEMPLATE_S


def _patience() -> float:
    """Return what the variable says; it makes no time longer, and what is no number makes none shorter."""
    try:
        return min(1.0, max(0.001, float(os.environ.get(PATIENCE, "1"))))
    except ValueError:
        return 1.0


def bound_memory(planned_bytes: int) -> None:
    """End this process rather than let it take far more than what is planned, where the system has such a bound."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - not on every system

    most = planned_bytes + SPARE_BYTES
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


@contextmanager
def ended_after(limit_s: float) -> Iterator[None]:
    """End this process, whatever it does, if what is inside takes longer; it says nothing then, its parent knows."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a device
        faulthandler.dump_traceback_later(limit_s, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
