"""Processes whose parent is gone: where the system lets us, they become ours, so that they stay in sight."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import time

import psutil

from showcase.processes import descendants

_PR_SET_CHILD_SUBREAPER = 36
"""Source: prctl(2)."""

_WHOLE_S = 1.0


def adopt() -> bool:
    """Make this process the parent of orphaned descendants; False where the system has no such thing (not Linux)."""
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


def survivors(since: float) -> list[psutil.Process]:
    """Return living descendants of this process that began after `since`, in seconds since the epoch.

    Or up to a second before: the process table counts from the boot, which it knows in whole seconds.
    """
    found = []
    for process in descendants(os.getpid()):
        with contextlib.suppress(psutil.Error):
            if process.create_time() >= since - _WHOLE_S and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end(since: float, grace_s: float = 1.0) -> None:
    """End them, politely, then not, and reap those that became ours."""
    left = survivors(since)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    deadline = time.monotonic() + grace_s
    while survivors(since) and time.monotonic() < deadline:
        time.sleep(0.02)
    for process in survivors(since):
        with contextlib.suppress(psutil.Error):
            process.kill()
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.wait(timeout=grace_s)
