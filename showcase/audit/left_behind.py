"""What an audited command leaves behind in its job (Windows): named, watched for a while, and ended.

Elsewhere a supervisor does that, where there is one.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from showcase.processes.orphans import is_of_the_system
from showcase.processes.table import UNTOLD

if TYPE_CHECKING:
    from showcase.processes.job_object import JobObject

OUTLIVED_S = 1.0
"""As of the supervisor: what lives this long after the command has outlived it; helpers of a runtime end sooner."""

LEFT_BEHIND_S = 10.0
"""How long what outlived a command is watched, before it is ended; as the supervisor does it."""

_BETWEEN_LOOKS_S = 0.1


def stay(job: JobObject, ended_at: float, time_up_at: float) -> tuple[str, ...]:
    """Wait until nothing is left in a job, end what takes too long, close it, and return what to note.

    Args:
        job: The command's.
        ended_at: When the command itself ended, a reading of `time.monotonic`.
        time_up_at: When the time is up that it was given, likewise.
    """
    until = min(ended_at + LEFT_BEHIND_S, time_up_at)
    named: dict[int, str] = {}
    while left := _members(job):
        if time.monotonic() >= ended_at + OUTLIVED_S:
            named |= {each.pid: _name(each) for each in left if each.pid not in named}
        if time.monotonic() >= until:
            job.end()
            break
        time.sleep(_BETWEEN_LOOKS_S)
    job.close()
    outlived = (f"process {pid} ({name}) outlived the command" for pid, name in named.items())
    return (*outlived, *(f"process {each.pid} was ended" for each in left))


def _members(job: JobObject) -> list[psutil.Process]:
    found = []
    for pid in job.members():
        with suppress(*UNTOLD):
            process = psutil.Process(pid)
            found += [] if is_of_the_system(process) else [process]
    return found


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except UNTOLD:
        return "gone"
