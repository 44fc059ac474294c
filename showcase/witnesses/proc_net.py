"""`/proc/net/tcp` and its like: every socket of a network namespace with its owner's user id, shown to everyone.

For this process's own namespace the kernel is asked in a quicker way, where it has one (`sock_diag`).
The columns are those of the kernel's `Documentation/networking/proc_net_tcp.rst`, which the tables of UDP, raw and
ICMP sockets have as well; addresses are words in the machine's own byte order, in hexadecimal.
"""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from showcase.witnesses import sock_diag

HERE = Path("/proc/net")
TCP = ("tcp", "tcp6")
DATAGRAMS = ("udp", "udp6", "udplite", "udplite6", "icmp", "icmp6")
RAW = ("raw", "raw6")

_LISTEN = "0A"
_TIME_WAIT = "06"
_WORD = 4
_PACKET_USER = 7


class Row(NamedTuple):
    """One socket. In TIME_WAIT nobody owns it any more, and the kernel says 0: such rows are left out."""

    address: str
    port: int
    peer_address: str
    peer_port: int
    listens: bool
    uid: int
    inode: int

    @property
    def connected(self) -> bool:
        """Whether it has a peer. That of a raw socket has no port."""
        return self.peer_port != 0 or self.peer_address not in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


def readable(root: Path = HERE) -> bool:
    """Return whether this system has such tables."""
    return (root / "tcp").exists()


def tcp(root: Path = HERE) -> list[Row]:
    """Return every TCP socket; nothing where this system has no such table."""
    if root == HERE and sys.platform == "linux":
        with suppress(OSError):  # a kernel without it
            return [_told(row) for row in sock_diag.internet(socket.IPPROTO_TCP)]
    return rows(TCP, root)


def rows(tables: tuple[str, ...], root: Path = HERE) -> list[Row]:
    """Return every socket of some tables; those that this system does not have are empty."""
    found = [_row(line.split()) for name in tables for line in _lines(root / name)]
    return [row for row in found if row is not None]


def packet_owners(root: Path = HERE) -> set[int]:
    """Return the ids of the users that hold sockets on the wire itself (AF_PACKET)."""
    return {int(line.split()[_PACKET_USER]) for line in _lines(root / "packet")}


def _told(row: sock_diag.Row) -> Row:
    listens = row.state == sock_diag.LISTEN
    return Row(row.address, row.port, row.peer_address, row.peer_port, listens, row.uid, row.inode)


def _lines(table: Path) -> list[str]:
    try:
        return table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return []


def _row(fields: list[str]) -> Row | None:
    local, peer, state, uid, inode = fields[1], fields[2], fields[3], fields[7], fields[9]
    if state == _TIME_WAIT:
        return None
    address, port = _end(local)
    peer_address, peer_port = _end(peer)
    return Row(address, port, peer_address, peer_port, state == _LISTEN, int(uid), int(inode))


def _end(text: str) -> tuple[str, int]:
    digits, _, port = text.partition(":")
    return _address(digits), int(port, 16)


@lru_cache(maxsize=4096)
def _address(digits: str) -> str:
    raw = bytes.fromhex(digits)
    words = [
        int.from_bytes(raw[at : at + _WORD], "big").to_bytes(_WORD, sys.byteorder) for at in range(0, len(raw), _WORD)
    ]
    return socket.inet_ntop(socket.AF_INET if len(raw) == _WORD else socket.AF_INET6, b"".join(words))
