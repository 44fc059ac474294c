"""The one way into a sealed namespace: from a port of loopback outside to the same port of a server inside.

What comes in was begun outside: the server gets no socket that leads anywhere but back to whoever called it.
"""

from __future__ import annotations

import queue
import socket
import struct
import threading
from typing import TYPE_CHECKING

from showcase.witnesses.seal.bridge import listener
from showcase.witnesses.seal.relay import relay
from showcase.witnesses.syscalls import kernel

if TYPE_CHECKING:
    from collections.abc import Iterable

SOCKETS = 64
"""Callers that can be inside at the same moment: a socket leads inside only if it was made there, before the rights to
make more were given up. Further callers wait, as in the backlog of any server."""

_NOWHERE = bytes(16)  # an address of the family AF_UNSPEC
_RESET = struct.pack("=ii", 1, 0)  # SO_LINGER: close at once, as a port does where nobody listens


def sockets() -> list[socket.socket]:
    """Return sockets that are not connected yet (made inside)."""
    return [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(SOCKETS)]


class Door:
    """Lets callers in, byte for byte.

    Args:
        port: Where it listens outside and leads inside.

    Raises:
        OSError: The port outside is taken (EADDRINUSE) or may not be had.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.carried = 0
        self.refused = 0
        self._server = listener(port)
        self._idle: queue.Queue[socket.socket] = queue.Queue()

    def serve(self, unconnected: Iterable[socket.socket]) -> None:
        """Let callers in, with sockets that were made inside, until the listener is closed."""
        for each in unconnected:
            self._idle.put(each)
        while True:
            outer, _ = self._server.accept()
            inner = self._idle.get()
            try:
                inner.connect(("127.0.0.1", self.port))
            except OSError:
                self.refused += 1
                outer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                outer.close()
                self._idle.put(inner)
                continue
            self.carried += 1
            threading.Thread(target=self._carry, args=(outer, inner), daemon=True).start()

    def close(self) -> None:
        """Let nobody in any more."""
        self._server.close()

    def _carry(self, outer: socket.socket, inner: socket.socket) -> None:
        with outer:
            relay(outer, inner)
        # Disconnected it can be connected again (connect(2)): the namespace makes no more of them.
        kernel.library("connect", inner.fileno(), _NOWHERE, len(_NOWHERE))
        self._idle.put(inner)
