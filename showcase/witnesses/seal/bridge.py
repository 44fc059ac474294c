"""The one way out of a sealed namespace: from an allowed port inside to the same port of loopback outside."""

from __future__ import annotations

import socket
import threading

from showcase.witnesses.seal.relay import relay


def listener(port: int) -> socket.socket:
    """Return a listener on a loopback port, in the namespace that the caller is in."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen(256)
    return server


class Bridge:
    """Carries connections from inside to outside, byte for byte.

    Args:
        server: A listener that was made inside.
        port: Where it leads outside.
    """

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
            threading.Thread(target=_carry, args=(inner, outer), daemon=True).start()


def _carry(inner: socket.socket, outer: socket.socket) -> None:
    with inner, outer:
        relay(inner, outer)
