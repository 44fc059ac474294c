"""Who has the other end, by the kernel's own tables, at the moment when the call is made.

Only a socket that a process of the watched tree has is one of the watched: a port's number or a path says nothing, for
another program may wait there by another transport, at another moment, or in place of one that ended.
"""

from __future__ import annotations

import ipaddress
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from showcase import sock_diag
from showcase.witnesses.seal import crossings
from showcase.witnesses.syscalls import procfs
from showcase.witnesses.syscalls.processes import descendants

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable

Peer = Literal["watched", "unwatched", "nobody"]

_TABLES = {"stream": ("tcp", "tcp6"), "datagram": ("udp", "udp6", "udplite", "udplite6")}
_WAITS = b"0A"  # TCP_LISTEN (net/tcp_states.h)
_LOCAL, _STATE, _INODE = 1, 3, 9


class Peers:
    """What is known of the sockets that the watched wait with."""

    def __init__(self) -> None:
        self._ours: set[int] = set()
        self._others: set[int] = set()
        """Sockets that no process of the tree had when they were first met; looking for them is dear."""
        self._diagnosis: socket.socket | None = None
        with suppress(OSError):  # a kernel without unix_diag: nobody is known to be one of ours
            self._diagnosis = sock_diag.diagnosis_socket()

    def waits(self, inode: int) -> None:
        """Take note of a socket with which a watched process waits for others."""
        self._ours.add(inode)

    def on_loopback(self, tid: int, kind: Literal["stream", "datagram"], address: str, port: int) -> Peer | None:
        """Return who waits at a port of this machine, as the thread `tid` would reach it.

        Returns:
            None for an address of another machine, and where the kernel's table cannot be read.
        """
        try:
            wanted = ipaddress.ip_address(address)
        except ValueError:
            return None
        wanted = getattr(wanted, "ipv4_mapped", None) or wanted
        if not wanted.is_loopback and not wanted.is_unspecified:
            return None
        try:
            return self._whose(_waiting(tid, kind, wanted, port))
        except OSError:
            return None

    def at_path(self, found: os.stat_result) -> Peer:
        """Return who waits at the file of a Unix socket."""
        return self._bound(lambda each: each.file == crossings.identity(found))

    def at_name(self, name: bytes) -> Peer:
        """Return who waits at an abstract name, which begins with a zero byte."""
        return self._bound(lambda each: each.name == name)

    def _bound(self, fits: Callable[[crossings.UnixSocket], bool]) -> Peer:
        if self._diagnosis is None:
            return "unwatched"
        try:
            found = [each.inode for each in crossings.unix_sockets(self._diagnosis) if each.waits and fits(each)]
        except OSError:
            return "unwatched"
        return self._whose(found)

    def _whose(self, inodes: list[int]) -> Peer:
        if not inodes:
            return "nobody"
        rest = set(inodes) - self._ours
        if rest and not rest & self._others:
            held = _held_by_the_tree(rest)
            self._ours |= held
            self._others |= rest - held
        return "watched" if rest <= self._ours else "unwatched"


def _waiting(
    tid: int,
    kind: Literal["stream", "datagram"],
    wanted: ipaddress.IPv4Address | ipaddress.IPv6Address,
    port: int,
) -> list[int]:
    """Return the inodes of the sockets that may get what is sent to a port: at the address, or at all of them."""
    inodes = []
    for table in _TABLES[kind]:
        try:
            lines = procfs.read(f"{tid}/net/{table}").splitlines()[1:]
        except FileNotFoundError:
            continue
        for line in lines:
            fields = line.split()
            address, _, digits = fields[_LOCAL].partition(b":")
            if int(digits, 16) != port or (kind == "stream" and fields[_STATE] != _WAITS):
                continue
            bound = _address(address)
            if bound == wanted or bound.is_unspecified or wanted.is_unspecified:
                inodes.append(int(fields[_INODE]))
    return inodes


def _address(digits: bytes) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Read an address of `/proc/net/tcp`: words in the machine's order (both architectures are little-endian)."""
    raw = bytes.fromhex(digits.decode())
    words = [raw[at : at + 4][::-1] for at in range(0, len(raw), 4)]
    found = ipaddress.ip_address(b"".join(words))
    return getattr(found, "ipv4_mapped", None) or found


def _held_by_the_tree(inodes: Iterable[int]) -> set[int]:
    """Return which sockets a process below this one holds."""
    names = {f"socket:[{inode}]": inode for inode in inodes}
    found = set()
    for pid in descendants(os.getpid()):
        with suppress(OSError):
            for entry in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208 - as in procfs
                name = procfs.link(f"{pid}/fd/{entry}")
                if name in names:
                    found.add(names[name])
    return found
