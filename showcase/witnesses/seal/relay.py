"""Bytes from one connection to another and back, until both sides have said all."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

_CHUNK = 1 << 16


def relay(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways, unchanged; returns when neither side has more to say. Closes neither."""
    for side in (one, other):
        side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    back = threading.Thread(target=_carry, args=(other, one), daemon=True)
    back.start()
    _carry(one, other)
    back.join()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
        return
    for side in (source, sink):  # one side broke: the other must not wait for it
        with suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)
