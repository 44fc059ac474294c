"""Who has the other end, by the kernel's own tables, at the moment when the call is made.

Only a socket that a process of the watched tree has is one of the watched: a port's number or a path says nothing, for
another program may wait there by another transport, at another moment, or in place of one that ended.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from showcase.witnesses import sock_diag
from showcase.witnesses.seal import crossings
from showcase.witnesses.syscalls import procfs
from showcase.witnesses.syscalls.calls.processes import descendants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Peer = Literal["watched", "unwatched", "nobody"]
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Row = tuple[_Address, int, int]
"""Where a socket waits, at which port, and its number."""

_TABLES = {"stream": ("tcp", "tcp6"), "datagram": ("udp", "udp6", "udplite", "udplite6")}
_PROTOCOLS = {"stream": (socket.IPPROTO_TCP,), "datagram": (socket.IPPROTO_UDP, sock_diag.UDP_LITE)}
_WAITS = b"0A"  # TCP_LISTEN (net/tcp_states.h)
_LOCAL, _STATE, _INODE = 1, 3, 9


class Peers:
    """What is known of the sockets that the watched wait with.

    Args:
        root: The first process of the tree; its network namespace is the one whose table is asked in the quick way.
        inside: Returns a socket that was made there, where that is not our own; None while there is none.
    """

    def __init__(self, root: int, inside: Callable[[], socket.socket | None] | None = None) -> None:
        self._space = procfs.link(f"{root}/ns/net")
        self._inside = inside
        self._ours: set[int] = set()
        self._others: set[int] = set()
        """Sockets that no process of the tree had when they were first met; looking for them is dear."""
        self._diagnosis: socket.socket | None = None
        with suppress(OSError):  # a kernel without unix_diag: nobody is known to be one of ours
            self._diagnosis = sock_diag.diagnosis_socket()

    def close(self) -> None:
        """Ask no more."""
        if self._diagnosis is not None:
            self._diagnosis.close()

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
            rows = self.waiting(tid, kind)
        except OSError:
            return None
        found = [
            inode
            for bound, at, inode in rows
            if at == port and (bound == wanted or bound.is_unspecified or wanted.is_unspecified)
        ]
        return self._whose(found)

    def waiting(self, tid: int, kind: Literal["stream", "datagram"]) -> list[_Row]:
        """Return who may be told something in the network namespace of a thread.

        Raises:
            OSError: The kernel does not say.
        """
        diagnosis = self._diagnosis if self._inside is None else self._inside()
        if diagnosis is not None and self._space is not None and procfs.link(f"{tid}/ns/net") == self._space:
            with suppress(OSError):  # a kernel without inet_diag, or without udp_diag
                return [
                    (_plain(ipaddress.ip_address(row.address)), row.port, row.inode)
                    for protocol in _PROTOCOLS[kind]
                    for row in sock_diag.listeners(diagnosis, protocol)
                ]
        return by_proc(tid, kind)

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


def by_proc(tid: int, kind: Literal["stream", "datagram"]) -> list[_Row]:
    """Return the same from the text that the kernel makes of its whole table."""
    found: list[_Row] = []
    for table in _TABLES[kind]:
        try:
            lines = procfs.read(f"{tid}/net/{table}").splitlines()[1:]
        except FileNotFoundError:
            continue
        for line in lines:
            fields = line.split()
            if kind == "stream" and fields[_STATE] != _WAITS:
                continue
            address, _, digits = fields[_LOCAL].partition(b":")
            found.append((_address(address), int(digits, 16), int(fields[_INODE])))
    return found


def _address(digits: bytes) -> _Address:
    """Read an address of `/proc/net/tcp`: words in the machine's order (both architectures are little-endian)."""
    raw = bytes.fromhex(digits.decode())
    words = [raw[at : at + 4][::-1] for at in range(0, len(raw), 4)]
    return _plain(ipaddress.ip_address(b"".join(words)))


def _plain(address: _Address) -> _Address:
    return getattr(address, "ipv4_mapped", None) or address


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
