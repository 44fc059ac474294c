"""The Unix sockets of this network namespace and which are connected to each other (`unix_diag`, Linux)."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY = 4, 20
_REQUEST_DUMP = 0x301
_SHOW_NAME, _SHOW_PEER = 1, 4
_NAME, _PEER = 0, 2
_DONE, _ERROR = 3, 2
_ALL_STATES = 0xFFFFFFFF
_HEADER, _MESSAGE, _ATTRIBUTE = 16, 16, 4


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
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as diagnosis:
            diagnosis.bind((0, 0))
            request = struct.pack("=BBHIII", socket.AF_UNIX, 0, 0, _ALL_STATES, 0, _SHOW_NAME | _SHOW_PEER) + bytes(8)
            header = struct.pack("=IHHII", _HEADER + len(request), _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, 1, 0)
            diagnosis.send(header + request)
            return {each.inode: each for each in _answers(diagnosis)}
    except OSError:
        return {}


def _answers(diagnosis: socket.socket) -> Iterator[UnixSocket]:
    while True:
        rest = diagnosis.recv(1 << 16)
        while len(rest) >= _HEADER:
            length, kind = struct.unpack_from("=IH", rest)
            if kind in {_DONE, _ERROR}:
                return
            (inode,) = struct.unpack_from("=I", rest, _HEADER + 4)
            yield _socket(inode, rest[_HEADER + _MESSAGE : length])
            rest = rest[length + 3 & ~3 :]


def _socket(inode: int, attributes: bytes) -> UnixSocket:
    name, peer = "", None
    while len(attributes) >= _ATTRIBUTE:
        length, kind = struct.unpack_from("=HH", attributes)
        value = attributes[_ATTRIBUTE:length]
        if kind == _NAME:
            name = value.replace(b"\0", b"@", 1).decode(errors="replace") if value[:1] == b"\0" else _path(value)
        elif kind == _PEER:
            (peer,) = struct.unpack("=I", value)
        attributes = attributes[max(length, _ATTRIBUTE) + 3 & ~3 :]
    return UnixSocket(inode, name, peer)


def _path(value: bytes) -> str:
    return value.rstrip(b"\0").decode(errors="replace")
