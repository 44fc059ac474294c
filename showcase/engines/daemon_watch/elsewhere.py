"""How to look at servers where there is no `/proc/net`: as far as psutil tells."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psutil

from showcase.engines.daemon_watch.sighting import Held, Sighting, Wanted, unseen
from showcase.evidence import DaemonProcess
from showcase.processes.table import UNTOLD, descendants
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Iterable


class PsutilLooker:
    """Asks for the sockets of the whole system, which some systems tell to root alone."""

    def __init__(self) -> None:
        self.blind = ""

    def look(self, wanted: Wanted) -> list[Sighting]:
        """Return every listener of loopback that is wanted and none of ours."""
        try:
            rows = psutil.net_connections(kind="tcp")
        except UNTOLD:
            self.blind = f"this system does not say who listens. {here().rights}"
            return []
        listeners: dict[tuple[str, int], set[int | None]] = {}
        for row in rows:
            if row.status == psutil.CONN_LISTEN and row.laddr and wanted(row.laddr.ip, row.laddr.port):
                listeners.setdefault((row.laddr.ip, row.laddr.port), set()).add(row.pid)
        ours = {os.getpid(), *(process.pid for process in descendants(os.getpid()))}
        found = (
            _sighting(address, port, pids - ours, ours) for (address, port), pids in listeners.items() if pids - ours
        )
        return [each for each in found if each is not None]


def _sighting(address: str, port: int, pids: set[int | None], ours: set[int]) -> Sighting | None:
    """Return what those who serve a listener hold, None where they have ended since."""
    held: list[Held] = []
    processes: list[DaemonProcess] = []
    uid = None
    try:
        for pid in pids:
            with suppress(psutil.NoSuchProcess):
                # Who has no number is another user's.
                server = psutil.Process(-1 if pid is None else pid)
                uid = server.uids().real if sys.platform != "win32" else None
                # Who served the port may also have started us: we are watched by others.
                for each in (each for each in (server, *server.children(recursive=True)) if each.pid not in ours):
                    with suppress(psutil.NoSuchProcess):
                        rows, name = each.net_connections(kind="inet"), each.name()
                        held += _held(each.pid, rows)
                        processes.append(DaemonProcess(pid=each.pid, name=name, serves=each.pid == pid))
    except (*UNTOLD, ValueError):
        return Sighting(address=address, port=port, uid=uid, sight="none", unseen=unseen(uid, here().rights))
    if not any(each.serves for each in processes):
        return None
    return Sighting(
        address=address, port=port, uid=uid, sight="processes", processes=tuple(processes), held=tuple(held)
    )


def _held(pid: int, rows: list[Any]) -> Iterable[Held]:
    waiting = {row.laddr.port for row in rows if row.status == psutil.CONN_LISTEN}
    for row in rows:
        if row.status == psutil.CONN_LISTEN:
            yield Held("listen", row.laddr.ip, row.laddr.port, pid)
        elif row.raddr and row.laddr.port not in waiting:
            yield Held("connect", row.raddr.ip, row.raddr.port, pid)
        elif row.type == socket.SOCK_DGRAM and not row.raddr:
            address, port = (row.laddr.ip, row.laddr.port) if row.laddr else ("0.0.0.0", 0)  # noqa: S104 - told, not bound
            yield Held("datagram", address, port, pid)
