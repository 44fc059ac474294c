"""The Unix sockets of this network namespace and which are connected to each other (`unix_diag`, Linux)."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

from showcase.witnesses import sock_diag

_SHOW_NAME, _SHOW_PEER = 1, 4
_NAME, _PEER = 0, 2
_ALL_STATES = 0xFFFFFFFF
_MESSAGE = 16


@dataclass(frozen=True, slots=True)
class UnixSocket:
    """One of them. An abstract name begins with `@`; one that was accepted has the name of its listener.

    `peer` is the inode of the other end: 0 where nobody accepted the connection yet, None where there is none.
    """

    inode: int
    name: str
    peer: int | None


def unix_sockets() -> dict[int, UnixSocket]:
    """Return all of them by inode; nothing where the kernel does not tell."""
    request = struct.pack("=BBHIII", socket.AF_UNIX, 0, 0, _ALL_STATES, 0, _SHOW_NAME | _SHOW_PEER) + bytes(8)
    try:
        with sock_diag.diagnosis_socket() as diagnosis:
            return {each.inode: each for each in map(_socket, sock_diag.answers(diagnosis, request))}
    except OSError:
        return {}


def _socket(message: bytes) -> UnixSocket:
    (inode,) = struct.unpack_from("=I", message, 4)
    name, peer = "", None
    for kind, value in sock_diag.attributes(message, _MESSAGE):
        if kind == _NAME:
            name = value.replace(b"\0", b"@", 1).decode(errors="replace") if value[:1] == b"\0" else _path(value)
        elif kind == _PEER:
            (peer,) = struct.unpack("=I", value)
    return UnixSocket(inode, name, peer)


def _path(value: bytes) -> str:
    return value.rstrip(b"\0").decode(errors="replace")
