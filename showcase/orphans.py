"""Processes whose parent is gone: where the system lets us, they become ours, so that they stay in sight."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import time
from typing import TYPE_CHECKING

import psutil

from showcase.processes import descendants

if TYPE_CHECKING:
    from collections.abc import Collection

_PR_SET_CHILD_SUBREAPER = 36
"""Source: prctl(2)."""

_WHOLE_S = 1.0


def adopt() -> bool:
    """Make this process the parent of orphaned descendants; False where the system has no such thing (not Linux)."""
    return _become_reaper(1)


def let_go() -> None:
    """Adopt nobody any more: whoever audits from within a program of its own gets its process back as it was."""
    _become_reaper(0)


def _become_reaper(wanted: int) -> bool:
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, wanted, 0, 0, 0) == 0)


def survivors(since: float, spared: Collection[int] = ()) -> list[psutil.Process]:
    """Return living descendants of this process that began after `since`, in seconds since the epoch.

    Or up to a second before: the process table counts from the boot, which it knows in whole seconds. `spared` are
    those that are known to have been there before.
    """
    found = []
    for process in (each for each in descendants(os.getpid()) if each.pid not in spared):
        with contextlib.suppress(psutil.Error):
            if process.create_time() >= since - _WHOLE_S and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end(since: float, grace_s: float = 1.0, spared: Collection[int] = ()) -> None:
    """End them, politely, then not, and reap those that became ours."""
    left = survivors(since, spared)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    deadline = time.monotonic() + grace_s
    while survivors(since, spared) and time.monotonic() < deadline:
        time.sleep(0.02)
    for process in survivors(since, spared):
        with contextlib.suppress(psutil.Error):
            process.kill()
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.wait(timeout=grace_s)
