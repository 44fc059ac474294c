"""Processes whose parent is gone: where the system lets us, they become ours, so that they stay in sight.

On Linux that is so by their parentage. On Windows they are in a job with us, which ends with us: nothing of it outlives
this process, however that ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import time
from typing import TYPE_CHECKING

import psutil

from showcase.processes.job_object import JobObject
from showcase.processes.table import UNTOLD, descendants

if TYPE_CHECKING:
    from collections.abc import Collection

_PR_SET_CHILD_SUBREAPER = 36
"""Source: prctl(2)."""

_WHOLE_S = 1.0

_OF_THE_SYSTEM = frozenset({"conhost.exe", "werfault.exe", "explorer.exe"})
"""Programs in Windows' System32 that the system itself starts as children of whoever uses a console, crashes, or needs
a desktop: of the last there is one in Wine alone."""

_job: JobObject | None = None


def adopt() -> bool:
    """Keep orphaned descendants with this process; False where the system has no such thing (macOS)."""
    global _job  # noqa: PLW0603 - a process is adopted into once
    if os.name != "nt":
        return _become_reaper(1)
    if _job is None:
        with contextlib.suppress(OSError):
            job = JobObject()
            job.take(os.getpid())
            _job = job
    return _job is not None


def let_go() -> None:
    """Adopt nobody any more: whoever audits from within a program of its own gets its process back as it was."""
    global _job  # noqa: PLW0603 - as above
    if _job is not None:
        _job.let_live()
        _job.close()
        _job = None
    _become_reaper(0)


def family() -> list[psutil.Process]:
    """Return the living descendants of this process, those that may be seen, without what the system adds to them."""
    found = {process.pid: process for process in descendants(os.getpid())}
    for pid in () if _job is None else _job.members():
        with contextlib.suppress(*UNTOLD):
            found.setdefault(pid, psutil.Process(pid))
    found.pop(os.getpid(), None)
    return [process for process in found.values() if not is_of_the_system(process)]


def is_of_the_system(process: psutil.Process) -> bool:
    """Return whether nobody but Windows itself started a process, as it does with the window of a console."""
    if os.name != "nt":
        return False
    try:
        folder, name = os.path.split(process.exe())
    except UNTOLD:
        return False
    own = os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32")  # noqa: PTH118 - compared, not opened
    return name.lower() in _OF_THE_SYSTEM and os.path.normcase(folder) == os.path.normcase(own)


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
    for process in (each for each in family() if each.pid not in spared):
        with contextlib.suppress(*UNTOLD):
            if process.create_time() >= since - _WHOLE_S and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end(since: float, grace_s: float = 1.0, spared: Collection[int] = ()) -> None:
    """End them, politely, then not, and reap those that became ours."""
    left = survivors(since, spared)
    for process in left:
        with contextlib.suppress(*UNTOLD):
            process.terminate()
    deadline = time.monotonic() + grace_s
    while survivors(since, spared) and time.monotonic() < deadline:
        time.sleep(0.02)
    for process in survivors(since, spared):
        with contextlib.suppress(*UNTOLD):
            process.kill()
    for process in left:
        with contextlib.suppress(*UNTOLD):
            process.wait(timeout=grace_s)
