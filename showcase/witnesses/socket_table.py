"""What the operating system says of sockets: those of some processes, and those whose process it has forgotten."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import psutil

from showcase.processes.table import UNTOLD
from showcase.witnesses import sock_diag

if TYPE_CHECKING:
    from collections.abc import Sequence

_SOCKET = "socket:["

_STATES = {
    1: psutil.CONN_ESTABLISHED,
    2: psutil.CONN_SYN_SENT,
    3: psutil.CONN_SYN_RECV,
    4: psutil.CONN_FIN_WAIT1,
    5: psutil.CONN_FIN_WAIT2,
    7: psutil.CONN_CLOSE,
    8: psutil.CONN_CLOSE_WAIT,
    9: psutil.CONN_LAST_ACK,
    sock_diag.LISTEN: psutil.CONN_LISTEN,
    11: psutil.CONN_CLOSING,
    12: psutil.CONN_SYN_RECV,
}
"""TCP's states by the kernel's numbers (net/tcp_states.h), in psutil's words."""


class End(NamedTuple):
    """One end of a connection."""

    ip: str
    port: int


class InternetSocket(NamedTuple):
    """One socket of a process; `remote` is None where it leads nowhere, `status` one of psutil's `CONN_…`."""

    kind: int
    local: End
    remote: End | None
    status: str


class Held(NamedTuple):
    """The internet sockets of one process; `denied` where it may not be looked at."""

    pid: int
    sockets: list[InternetSocket]
    denied: bool


def look(pids: Sequence[int]) -> list[Held]:
    """Return the sockets of some processes, of all in one question where the system can be asked so.

    Processes in another network namespace have none that are seen.
    """
    if sys.platform == "linux":
        with suppress(OSError):  # a kernel without it
            return _by_kernel(pids)
    return [_by_psutil(pid) for pid in pids]


def _by_kernel(pids: Sequence[int]) -> list[Held]:
    held = {pid: _inodes(pid) for pid in pids}
    # Who has no socket yet may be given one meanwhile: it is there in the next look.
    kinds = ((socket.IPPROTO_TCP, socket.SOCK_STREAM), (socket.IPPROTO_UDP, socket.SOCK_DGRAM))
    rows = {row.inode: (kind, row) for protocol, kind in kinds for row in sock_diag.internet(protocol)}
    return [
        Held(pid, [], denied=_is_denied(pid))
        if inodes is None
        else Held(pid, [_socket(*rows[inode]) for inode in inodes & rows.keys()], denied=False)
        for pid, inodes in held.items()
    ]


def _inodes(pid: int) -> set[int] | None:
    """Return the sockets that a process holds by their numbers, None where it may not be looked at."""
    found: set[int] = set()
    try:
        names = os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208 - many times a second
    except PermissionError:
        return None
    except OSError:  # it has gone
        return found
    for name in names:
        with suppress(OSError):
            link = os.readlink(f"/proc/{pid}/fd/{name}")  # noqa: PTH115 - these name no files
            if link.startswith(_SOCKET):
                found.add(int(link[len(_SOCKET) : -1]))
    return found


def _socket(kind: int, row: sock_diag.Row) -> InternetSocket:
    remote = End(row.peer_address, row.peer_port) if row.peer_port else None
    status = _STATES.get(row.state, psutil.CONN_NONE) if kind == socket.SOCK_STREAM else psutil.CONN_NONE
    return InternetSocket(kind, End(row.address, row.port), remote, str(status))


def _by_psutil(pid: int) -> Held:
    try:
        rows = psutil.Process(pid).net_connections(kind="inet")
    except psutil.NoSuchProcess:
        return Held(pid, [], denied=False)
    except UNTOLD:
        return Held(pid, [], denied=_is_denied(pid))
    return Held(
        pid,
        [
            InternetSocket(int(row.type), End(*row.laddr), End(*row.raddr) if row.raddr else None, str(row.status))
            for row in rows
            if row.laddr
        ],
        denied=False,
    )


def _is_denied(pid: int) -> bool:
    """Tell whether a process keeps others out: an ordinary user is refused one that has ended, or is about to, too."""
    try:
        return not _has_ended(psutil.Process(pid))
    except psutil.Error:
        return False
    except OSError:  # nothing can be told of it, so nothing was seen of it
        return True


def _has_ended(process: psutil.Process) -> bool:
    try:
        # On its way to be a zombie it has lost its memory already; who lives has some.
        return bool(process.status() == psutil.STATUS_ZOMBIE or process.memory_info().vms == 0)
    except psutil.NoSuchProcess:
        return True
    except UNTOLD:
        return False


def name_of(pid: int) -> str:
    """Return the name of a process, empty where it may not be known."""
    try:
        return str(psutil.Process(pid).name())
    except UNTOLD:
        return ""


def time_wait_rows() -> int | None:
    """Count the machine's rows in TIME_WAIT towards other machines; None where it may not be asked.

    Their addresses are not kept: they may be other programs' business.
    """
    return None if (peers := _lingering()) is None else sum(not peer.startswith(("127.", "::1")) for peer in peers)


def _lingering() -> list[str] | None:
    """Return the far ends of the machine's rows in TIME_WAIT."""
    if sys.platform == "linux":
        with suppress(OSError):  # a kernel without it
            return [row.peer_address for row in sock_diag.time_wait()]
    try:
        rows = psutil.net_connections(kind="tcp")
    except UNTOLD:
        return None
    return [row.raddr.ip for row in rows if row.status == psutil.CONN_TIME_WAIT and row.raddr]
