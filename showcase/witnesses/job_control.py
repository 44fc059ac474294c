"""Whether a stopped job would be continued by somebody, and how a process makes sure that it is not stopped for good.

Nothing heavy is imported: a supervisor asks too.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from typing import NamedTuple

CONTINUED_AFTER_S = 3.0
"""How long a command stays stopped that nobody else would continue. Programs that stop and continue each other, as
those that ration processor time do, take tenths of a second."""

AWAKE_PERIOD_S = 1.0
"""How long a process of ours can be stopped that is not to be."""

_CLOCK_MONOTONIC = 1
_NANOSECONDS = 1_000_000_000


class _Event(ctypes.Structure):
    """A sigevent: the signal that a timer sends to its process."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("rest", ctypes.c_char * 48),
    )


class _Times(ctypes.Structure):
    """An itimerspec: from when on, and how often; seconds and nanoseconds."""

    _fields_ = (
        ("period_s", ctypes.c_long),
        ("period_ns", ctypes.c_long),
        ("first_s", ctypes.c_long),
        ("first_ns", ctypes.c_long),
    )


class _Process(NamedTuple):
    """What the process table says of a process."""

    state: str
    parent: int
    group: int
    session: int
    terminal: int


def stay_awake(first_s: float = AWAKE_PERIOD_S) -> bool:
    """Have the kernel continue this process again and again, whoever stops it; False where it cannot.

    A timer of timer_create(2) sends SIGCONT, which continues a process before anything in it runs. SIGCONT needs a
    handler from before: the kernel stops a timer whose signal is ignored. No child and no program inherits a timer.

    Args:
        first_s: From when on.
    """
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "timer_create"):  # glibc before 2.34 has it elsewhere
        return False
    signal.siginterrupt(signal.SIGCONT, False)
    timer = ctypes.c_void_p()
    event = _Event(None, int(signal.SIGCONT), 0, b"")
    if library.timer_create(_CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(timer)) != 0:
        return False
    times = _Times(*_parts(AWAKE_PERIOD_S), *_parts(first_s))
    return bool(library.timer_settime(timer, 0, ctypes.byref(times), None) == 0)


def _parts(seconds: float) -> tuple[int, int]:
    return divmod(int(seconds * _NANOSECONDS), _NANOSECONDS)


def is_stopped(pid: int) -> bool:
    """Return whether a process is stopped; one that a debugger holds is not."""
    found = _look_up(pid)
    return found is not None and found.state == "T"


def someone_continues(pid: int) -> bool:
    """Return whether a shell with job control sees this process's job stopped, so that a person can continue it.

    A shell takes notice of its own child alone: where somebody stands between, that one has to be stopped as well.
    """
    eldest = _eldest(pid)
    return eldest is not None and (eldest == pid or is_stopped(eldest))


def has_job_control(pid: int) -> bool:
    """Return whether this process is in a job of a shell with job control, which a person can stop and continue."""
    return _eldest(pid) is not None


def _eldest(pid: int) -> int | None:
    """Return the eldest process of the job that a process is in, None where it is in no job of a shell.

    That takes a terminal, and a process group that is not orphaned: its eldest member was started by a process of the
    same session in another group (POSIX, 3.264). Not only shells put their children into groups of their own, but
    who ends up stopped by Ctrl-Z itself helps nobody: a shell with job control ignores SIGTSTP, or handles it.
    """
    if sys.platform != "linux":
        return pid if _likely_continued() else None
    member = _look_up(pid)
    if member is None or not member.terminal:
        return None
    eldest = pid
    while True:
        above = _look_up(member.parent)
        if above is None or above.session != member.session:
            return None
        if above.group != member.group:
            return eldest if _handles_stops(member.parent) else None
        eldest, member = member.parent, above


def _likely_continued() -> bool:
    """Return whether a shell started this process as a job, where the process table cannot be read like on Linux."""
    if sys.platform == "win32":
        return False
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        parent = os.getppid()
        return os.getsid(parent) == os.getsid(0) and os.getpgid(parent) != os.getpgrp()
    except OSError:
        return False


def _look_up(pid: int) -> _Process | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - pathlib is not loaded in a supervisor
            state, *numbers = file.read().rpartition(b")")[2].split()[:5]
    except OSError:
        return None
    return _Process(state.decode(), *map(int, numbers))


def _handles_stops(pid: int) -> bool:
    """Return whether a process ignores or handles what Ctrl-Z sends."""
    handled = 0
    with suppress(OSError), open(f"/proc/{pid}/status", "rb") as file:  # noqa: PTH123 - as above
        for line in file:
            if line.startswith((b"SigIgn:", b"SigCgt:")):
                handled |= int(line.split()[1], 16)
    return bool(handled >> (signal.SIGTSTP - 1) & 1)
