"""The one way out of a sealed namespace: from an allowed port inside to the same port of loopback outside."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

_CHUNK = 1 << 16


def listener(port: int) -> socket.socket:
    """Return a listener on a loopback port (made inside)."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen(256)
    return server


class Bridge:
    """Carries connections from inside to outside, byte for byte."""

    def __init__(self, server: socket.socket, port: int) -> None:
        self.carried = 0
        self.refused = 0
        self.port = port
        self._server = server

    def serve(self) -> None:
        """Carry connections until the socket is closed."""
        while True:
            inner, _ = self._server.accept()
            try:
                outer = socket.create_connection(("127.0.0.1", self.port))
            except OSError:
                self.refused += 1
                inner.close()
                continue
            self.carried += 1
            for side in (inner, outer):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=_carry, args=(outer, inner), daemon=True)
            back.start()
            threading.Thread(target=_carry_and_close, args=(inner, outer, back), daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
        return
    for side in (source, sink):  # one side broke: the other must not wait for it
        with suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)


def _carry_and_close(inner: socket.socket, outer: socket.socket, back: threading.Thread) -> None:
    _carry(inner, outer)
    back.join()
    inner.close()
    outer.close()
