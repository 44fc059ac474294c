"""Datagram sockets that were connected to ask for a route, or to a name server: what they send passes by us.

A connected datagram socket sends whatever any of a dozen calls puts on it, and not all of them can be seen. Two kinds
of connection are made for reasons that need no such trust. A program that connects to port 0 asks which way packets
would go: its socket is connected to the machine's own address on that way, where nobody can wait at port 0. One that
connects to a name server will send questions: its socket stays unconnected, and each question that is seen is sent for
it, to where it asked; what is not seen has no destination (EDESTADDRREQ).
"""

from __future__ import annotations

import os
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import procfs
from showcase.witnesses.syscalls.delegates import delegate
from showcase.witnesses.syscalls.filter.listener import Answer

if TYPE_CHECKING:
    from showcase.witnesses.syscalls.calls.address import Address

NAME_SERVER, NO_PORT = 53, 0
_UDP = (socket.IPPROTO_UDP, 136)
_NOWHERE = bytes(16)  # an address of the family AF_UNSPEC
_DEVICE_NAME_BYTES = 16
_RECVERR = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
_KEPT = 4096


class Routes:
    """The sockets that are connected for their owners by what is kept here, by inode."""

    def __init__(self) -> None:
        self._held: dict[int, bytes] = {}

    def held(self, subject: socket.socket) -> bytes | None:
        """Return where a socket's owner takes it to be connected to, as a sockaddr; None where it is, or is not."""
        return self._held.get(_inode(subject)) if self._held else None

    def forget(self, subject: socket.socket) -> None:
        """Its owner connects it anew."""
        self._held.pop(_inode(subject), None)

    def connect(self, subject: socket.socket, tid: int, raw: bytes, address: Address) -> Answer | None:
        """Do what a connect of one of the two kinds does for its caller; None where it is of neither.

        Args:
            subject: The caller's socket.
            tid: The caller's thread.
            raw: Where to, as a sockaddr.
            address: The same, read.
        """
        self.forget(subject)
        if address.port not in {NAME_SERVER, NO_PORT} or subject.proto not in _UDP or not _as_ours(subject, tid):
            return None
        with socket.socket(subject.family, socket.SOCK_DGRAM, subject.proto) as probe:
            local = subject.getsockname()
            if local[1]:
                with suppress(OSError):
                    probe.bind((local[0], 0, *local[2:]))
            answer, _ = delegate.connect(probe, raw)
            if answer is None or answer.error:
                return answer
            source = probe.getsockname()
        if address.port == NO_PORT:
            answer, _ = delegate.connect(subject, _packed(subject.family, source))
            return answer
        if len(self._held) >= _KEPT:
            self._held.pop(next(iter(self._held)))  # the oldest of them sends nothing any more
        delegate.connect(subject, _NOWHERE)
        if not local[1]:
            with suppress(OSError):
                subject.bind((source[0], 0, *source[2:]))
        with suppress(OSError):  # that nobody is there is told as to a connected socket
            subject.setsockopt(*_RECVERR[socket.AddressFamily(subject.family)], 1)
        self._held[_inode(subject)] = raw
        return Answer()


def _as_ours(subject: socket.socket, tid: int) -> bool:
    """Return whether a socket of our own is routed as the caller's is."""
    with suppress(OSError):
        if subject.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, _DEVICE_NAME_BYTES).strip(b"\0"):
            return False
        return procfs.link(f"{tid}/ns/net") == procfs.link(f"{os.getpid()}/ns/net")
    return False


def _packed(family: int, name: tuple[str, int] | tuple[str, int, int, int]) -> bytes:
    """Return the address of a socket without its port."""
    if family == socket.AF_INET:
        return struct.pack("=H2x", family) + socket.inet_aton(name[0]) + bytes(8)
    _, _, flow, scope = (*name, 0, 0)[:4]
    address = socket.inet_pton(family, str(name[0]).partition("%")[0])
    return struct.pack("=H2xI", family, int(flow)) + address + struct.pack("=I", int(scope))


def _inode(subject: socket.socket) -> int:
    return os.fstat(subject.fileno()).st_ino
