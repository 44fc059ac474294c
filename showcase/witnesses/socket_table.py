"""What the operating system says of sockets: those of one process, and those whose process it has forgotten."""

from __future__ import annotations

from typing import Any

import psutil

from showcase.processes import UNTOLD


def sockets_of(process: psutil.Process) -> tuple[list[Any], bool]:
    """Return the internet sockets of a process, and whether it may not be looked at."""
    try:
        return process.net_connections(kind="inet"), False
    except psutil.NoSuchProcess:
        return [], False
    except UNTOLD:
        # An ordinary user is refused the sockets of a process that has ended, or is about to: it has none.
        return [], not _has_ended(process)


def _has_ended(process: psutil.Process) -> bool:
    try:
        # On its way to be a zombie it has lost its memory already; who lives has some.
        return bool(process.status() == psutil.STATUS_ZOMBIE or process.memory_info().vms == 0)
    except psutil.NoSuchProcess:
        return True
    except UNTOLD:
        return False


def name_of(process: psutil.Process) -> str:
    """Return the name of a process, empty where it may not be known."""
    try:
        return str(process.name())
    except UNTOLD:
        return ""


def time_wait_rows() -> int | None:
    """Count the machine's rows in TIME_WAIT towards other machines; None where it may not be asked.

    Their addresses are not kept: they may be other programs' business.
    """
    try:
        rows = psutil.net_connections(kind="tcp")
    except UNTOLD:
        return None
    return sum(
        1
        for row in rows
        if row.status == psutil.CONN_TIME_WAIT and row.raddr and not row.raddr.ip.startswith(("127.", "::1"))
    )
