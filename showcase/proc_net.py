"""`/proc/net/tcp` and `tcp6`: every TCP socket of this network namespace with its owner's user id, shown to everyone.

The columns are those of the kernel's `Documentation/networking/proc_net_tcp.rst`; addresses are words in the
machine's own byte order, in hexadecimal.
"""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path
from typing import NamedTuple

_LISTEN = "0A"
_TIME_WAIT = "06"
_WORD = 4


class Row(NamedTuple):
    """One socket. In TIME_WAIT nobody owns it any more, and the kernel says 0: such rows are left out."""

    address: str
    port: int
    peer_address: str
    peer_port: int
    listens: bool
    uid: int

    @property
    def connected(self) -> bool:
        """Whether it has a peer."""
        return self.peer_port != 0


def tcp(root: Path = Path("/proc/net")) -> list[Row]:
    """Return every TCP socket; nothing where this system has no such table."""
    rows = []
    for name in ("tcp", "tcp6"):
        try:
            lines = (root / name).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        rows += [_row(line.split()) for line in lines]
    return [row for row in rows if row is not None]


def _row(fields: list[str]) -> Row | None:
    local, peer, state, uid = fields[1], fields[2], fields[3], fields[7]
    if state == _TIME_WAIT:
        return None
    address, port = _end(local)
    peer_address, peer_port = _end(peer)
    return Row(address, port, peer_address, peer_port, state == _LISTEN, int(uid))


def _end(text: str) -> tuple[str, int]:
    digits, _, port = text.partition(":")
    raw = bytes.fromhex(digits)
    words = [
        int.from_bytes(raw[at : at + _WORD], "big").to_bytes(_WORD, sys.byteorder) for at in range(0, len(raw), _WORD)
    ]
    return str(ipaddress.ip_address(b"".join(words))), int(port, 16)
