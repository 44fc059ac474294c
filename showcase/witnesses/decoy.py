"""The decoy: a listener of ours on loopback, to which a child connects so that the witnesses can be put to the test."""

from __future__ import annotations

import contextlib
import socket
import threading

from showcase.evidence import Endpoint


class DecoyListener:
    """Accepts connections on a free loopback port and holds them until it is closed. Sends and reads nothing."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []
        address, port = self._socket.getsockname()[:2]
        self.endpoint = Endpoint(address=address, port=port)
        self._thread = threading.Thread(target=self._accept, name="decoy", daemon=True)
        self._thread.start()

    @property
    def reached(self) -> bool:
        """Whether anybody connected."""
        return bool(self._held)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._held.append(self._socket.accept()[0])

    def close(self) -> None:
        """Close everything."""
        # Connections first, while their listener is there: without it beside them, who looks from outside takes them
        # for ones that we made.
        for held in self._held:
            held.close()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=1)
        for held in (*self._held, self._socket):
            held.close()
