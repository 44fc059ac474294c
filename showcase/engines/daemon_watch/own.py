"""The facts of a server that the run started: nobody had to look from beside it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from showcase.evidence import Daemon, DaemonProcess
from showcase.witnesses.panel import ENGINE_ROLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.evidence import Attempt, Endpoint


def of_this_run(
    endpoint: Endpoint,
    *,
    version: str,
    cloud_disabled: bool | None,
    connections: Sequence[Attempt],
    from_s: float,
    until_s: float,
    unseen: str,
) -> Daemon:
    """Return the facts of a server that the run started.

    Its processes ran under the run's witnesses. What they did is in the table of connections, and only there.
    """
    own = [row for row in connections if row.role.removeprefix("child of ") == ENGINE_ROLE and row.pid is not None]
    serving = {row.pid for row in own if row.kind == "listen" and row.port == endpoint.port}
    names = {row.pid: row.process or "?" for row in own if row.pid is not None}
    return Daemon(
        endpoint=endpoint,
        ollama=version,
        cloud_disabled=cloud_disabled,
        sight="witnesses",
        uid=None if sys.platform == "win32" else os.getuid(),
        processes=tuple(
            DaemonProcess(pid=pid, name=name, serves=pid in serving) for pid, name in sorted(names.items())
        ),
        sockets=(),
        looks=0,
        longest_gap_s=0.0,
        from_s=from_s,
        until_s=until_s,
        unseen=unseen,
    )
