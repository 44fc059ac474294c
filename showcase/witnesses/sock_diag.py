"""The kernel's own table of sockets, in one question (`NETLINK_SOCK_DIAG`, Linux).

It answers for one network namespace, that of the socket on which it is asked. Source: sock_diag(7). Against
`/proc/net/tcp`, which writes out every row of its hash table as text, it is twenty times quicker.
"""

from __future__ import annotations

import itertools
import os
import socket
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY = 4, 20
_REQUEST_DUMP = 0x301
_DONE, _ERROR = 3, 2
_HEADER, _ATTRIBUTE = 16, 4
_ROOM = 1 << 18
_numbers = itertools.count(1)
_FAMILIES = (socket.AF_INET, socket.AF_INET6)

TIME_WAIT = 6
LISTEN = 10
_OWNED = 0xFFF & ~(1 << TIME_WAIT)
"""The states of a socket that some process has."""

UDP_LITE = 136
_DATAGRAMS = (socket.IPPROTO_UDP, UDP_LITE)

_INET_REQUEST = struct.Struct("=BBBxI48x")
_INET = struct.Struct("=BBxx")
_ENDS = struct.Struct("!HH16s16s")
_OWNER = struct.Struct("=II")
_OWNER_AT = 64
"""Where in `struct inet_diag_msg` the owner's user id and the inode stand."""


class Row(NamedTuple):
    """One internet socket; `state` is TCP's, by the kernel's number for it."""

    address: str
    port: int
    peer_address: str
    peer_port: int
    state: int
    uid: int
    inode: int


def diagnosis_socket() -> socket.socket:
    """Return the socket on which the kernel is asked.

    Raises:
        OSError: There is no such thing here.
    """
    diagnosis = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG)
    diagnosis.bind((0, 0))
    return diagnosis


def answers(diagnosis: socket.socket, request: bytes) -> Iterator[bytes]:
    """Ask for all sockets of a family and yield one message each, without its header.

    Raises:
        OSError: The kernel does not say.
    """
    # Whoever stopped reading left the rest of an answer on the socket; it is none to this question.
    number = next(_numbers) & 0xFFFFFFFF
    header = struct.pack("=IHHII", _HEADER + len(request), _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, number, 0)
    diagnosis.send(header + request)
    while True:
        data = diagnosis.recv(_ROOM)
        at = 0
        while at + _HEADER <= len(data):
            length, kind, answered = struct.unpack_from("=IHxxI", data, at)
            message = data[at + _HEADER : at + length]
            at += length + 3 & ~3
            if answered != number:
                continue
            if kind == _DONE:
                return
            if kind == _ERROR:
                (error,) = struct.unpack_from("=i", message)
                if error:
                    raise OSError(-error, os.strerror(-error))
                return
            yield message


def attributes(message: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield the kind and the value of each attribute that follows the fixed part of a message."""
    while start + _ATTRIBUTE <= len(message):
        length, kind = struct.unpack_from("=HH", message, start)
        yield kind, message[start + _ATTRIBUTE : start + length]
        start += max(length, _ATTRIBUTE) + 3 & ~3


def internet(protocol: int) -> list[Row]:
    """Return every socket of a protocol (`socket.IPPROTO_TCP` or `IPPROTO_UDP`) that somebody has, by IPv4 and IPv6.

    Raises:
        OSError: The kernel does not say.
    """
    with diagnosis_socket() as diagnosis:
        return list(_internet(diagnosis, protocol, _OWNED))


def time_wait() -> list[Row]:
    """Return the connections of TCP that nobody has any more and that the kernel still remembers.

    Raises:
        OSError: The kernel does not say.
    """
    with diagnosis_socket() as diagnosis:
        return list(_internet(diagnosis, socket.IPPROTO_TCP, 1 << TIME_WAIT))


def listeners(diagnosis: socket.socket, protocol: int) -> list[Row]:
    """Return the sockets of a protocol that may be told something by whoever comes.

    Those of a stream protocol listen, and are few: the table of connections is not gone through. A datagram socket that
    is connected is among them.

    Raises:
        OSError: The kernel does not say.
    """
    states = _OWNED if protocol in _DATAGRAMS else 1 << LISTEN
    return list(_internet(diagnosis, protocol, states))


def _internet(diagnosis: socket.socket, protocol: int, states: int) -> Iterator[Row]:
    for family in _FAMILIES:
        for message in answers(diagnosis, _INET_REQUEST.pack(family, protocol, 0, states)):
            yield _row(message)


def _row(message: bytes) -> Row:
    family, state = _INET.unpack_from(message)
    port, peer_port, address, peer = _ENDS.unpack_from(message, _INET.size)
    uid, inode = _OWNER.unpack_from(message, _OWNER_AT)
    size = 4 if family == socket.AF_INET else 16
    here, there = (socket.inet_ntop(family, each[:size]) for each in (address, peer))
    return Row(here, port, there, peer_port, state, uid, inode)
