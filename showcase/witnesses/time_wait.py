"""What closed connections leave behind: rows in TIME_WAIT, of which the system forgot whose they were."""

from __future__ import annotations

import psutil


def time_wait_rows() -> int | None:
    """Count the machine's rows in TIME_WAIT towards other machines; None where it may not be asked.

    Their addresses are not kept: they may be other programs' business.
    """
    try:
        rows = psutil.net_connections(kind="tcp")
    except (psutil.Error, OSError):
        return None
    return sum(
        1
        for row in rows
        if row.status == psutil.CONN_TIME_WAIT and row.raddr and not row.raddr.ip.startswith(("127.", "::1"))
    )
