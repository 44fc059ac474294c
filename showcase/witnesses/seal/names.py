"""The name server of a sealed namespace: it writes down what is asked for.

It knows nothing (NXDOMAIN), unless there is a sink for names to lead to.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls.calls import dns

if TYPE_CHECKING:
    from collections.abc import Callable

    Heard = Callable[[str, str, str], str | None]
    """Told of a name, a type of question and a transport; returns the name's address, "" for none of that type, None
    where there is no such name."""

PORT = 53
_IP_PKTINFO, _IPV6_PKTINFO = 8, 50
_IPV6_RECVPKTINFO = 49
_MAX_DATAGRAM = 4096
_REPLY_NXDOMAIN = 0x8183  # QR, RD, RA, RCODE 3
_REPLY = 0x8180  # likewise, RCODE 0
_RECORD = struct.Struct("!HHHIH")
_NAME_OF_THE_QUESTION, _TYPE_A, _CLASS_IN, _TTL_S = 0xC00C, 1, 1, 1
_PATIENCE_S = 5.0


def datagram_socket(family: int) -> socket.socket:
    """Return a socket on port 53 of every address, which tells for each query to which one it was sent."""
    server = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET:
        server.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        server.bind(("", PORT))
    else:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        server.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVPKTINFO, 1)
        server.bind(("::", PORT))
    return server


def stream_socket(family: int) -> socket.socket:
    """Return a listener on port 53 of every address."""
    server = socket.socket(family, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.bind(("" if family == socket.AF_INET else "::", PORT))
    server.listen(128)
    return server


def answer(message: bytes, heard: Heard, transport: str) -> bytes | None:
    """Return the reply to a query, None to what is none."""
    query = dns.question(message)
    if query is None:
        return None
    address = heard(query.name, query.type, transport)
    flags = _REPLY_NXDOMAIN if address is None else _REPLY
    header = message[:2] + struct.pack("!HHHHH", flags, 1, 1 if address else 0, 0, 0)
    reply = header + message[dns.HEADER_BYTES : query.end]
    if address:
        record = _RECORD.pack(_NAME_OF_THE_QUESTION, _TYPE_A, _CLASS_IN, _TTL_S, 4)
        reply += record + socket.inet_aton(address)
    return reply


def serve_datagrams(server: socket.socket, heard: Heard) -> None:
    """Answer queries until the socket is closed, each from the address that was asked: resolvers insist."""
    while True:
        message, control, _flags, asker = server.recvmsg(_MAX_DATAGRAM, 256)
        reply = answer(message, heard, "udp")
        if reply is None:
            continue
        with suppress(OSError):  # who asked is gone
            server.sendmsg([reply], _from_the_same_address(control), 0, asker)


def _from_the_same_address(control: list[tuple[int, int, bytes]]) -> list[tuple[int, int, bytes]]:
    for level, kind, data in control:
        if (level, kind) == (socket.IPPROTO_IP, _IP_PKTINFO):
            local = data[4:8]
            return [(level, kind, struct.pack("=I", 0) + local + bytes(4))]
        if (level, kind) == (socket.IPPROTO_IPV6, _IPV6_PKTINFO):
            return [(level, kind, data[:16] + struct.pack("=I", 0))]
    return []


def serve_streams(server: socket.socket, heard: Heard) -> None:
    """Answer one query a connection."""
    while True:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.settimeout(_PATIENCE_S)
            length = connection.recv(2, socket.MSG_WAITALL)
            message = connection.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL)
            reply = answer(message, heard, "tcp")
            if reply is not None:
                connection.sendall(len(reply).to_bytes(2, "big") + reply)
