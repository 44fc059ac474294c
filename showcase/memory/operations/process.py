"""This process, as a line of the log names it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import cache
from typing import TYPE_CHECKING

from showcase import __version__
from showcase.memory.operations.line import Process

if TYPE_CHECKING:
    from collections.abc import Iterator

UNNAMED = "not named"
"""The command of whoever uses these modules without the program's command line."""

_command = [UNNAMED]


@contextmanager
def called(command: str) -> Iterator[None]:
    """Name the command that this process carries out; never what was said to it."""
    _command.append(command)
    try:
        yield
    finally:
        _command.pop()


def this() -> Process:
    """Return this process."""
    pid = os.getpid()
    return Process(
        pid=pid,
        started=_started(pid),
        uid=os.getuid() if hasattr(os, "getuid") else None,
        command=_command[-1],
        version=__version__,
    )


@cache
def _started(pid: int) -> str | None:
    import psutil  # noqa: PLC0415 - heavy

    try:
        began = float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None
    return datetime.fromtimestamp(began, timezone.utc).isoformat(timespec="milliseconds")
