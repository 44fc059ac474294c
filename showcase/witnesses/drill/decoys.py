"""Where planted leaks lead: listeners of ours that take note of who came, and never answer."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Decoys:
    """One of each kind, on ports of their own.

    Args:
        directory: Where the Unix socket is made.
        everywhere: Listen on every address; only inside a namespace, where every address is ours.
    """

    def __init__(self, directory: Path, *, everywhere: bool) -> None:
        self.visits: set[str] = set()
        host = "0.0.0.0" if everywhere else "127.0.0.1"  # noqa: S104 - in a namespace without a network
        self._sockets = {
            "tcp": socket.create_server((host, 0)),
            "second": socket.create_server(("127.0.0.1", 0)),
            "udp": _datagrams(socket.AF_INET, host),
        }
        with suppress(OSError):
            self._sockets["tcp6"] = socket.create_server(("::1", 0), family=socket.AF_INET6)
        if hasattr(socket, "AF_UNIX"):
            self.path = str(directory / "decoy")
            self._sockets["unix"] = socket.socket(socket.AF_UNIX)
            self._sockets["unix"].bind(self.path)
            self._sockets["unix"].listen()
        self.ports = {
            name: each.getsockname()[1] for name, each in self._sockets.items() if isinstance(each.getsockname(), tuple)
        }
        self._held: list[socket.socket] = []
        for name, each in self._sockets.items():
            serve = self._hear if name == "udp" else self._take
            threading.Thread(target=serve, args=(name, each), name=f"decoy {name}", daemon=True).start()

    def connected(self) -> socket.socket:
        """Return a socket that is connected to the TCP decoy."""
        return socket.create_connection(("127.0.0.1", self.ports["tcp"]))

    def forget(self) -> None:
        """Let go of all visitors."""
        self.visits.clear()
        while self._held:
            self._held.pop().close()

    def close(self) -> None:
        """Close everything."""
        for each in self._sockets.values():
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self.forget()

    def _take(self, name: str, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self._held.append(connection)
                self.visits.add(name)
                threading.Thread(target=self._read, args=(name, connection), daemon=True).start()

    def _read(self, name: str, connection: socket.socket) -> None:
        with suppress(OSError):
            if connection.recv(1):
                self.visits.add(f"{name} data")

    def _hear(self, name: str, receiver: socket.socket) -> None:
        with suppress(OSError):
            while True:
                receiver.recvfrom(2048)
                self.visits.add(name)


def _datagrams(family: int, host: str) -> socket.socket:
    receiver = socket.socket(family, socket.SOCK_DGRAM)
    receiver.bind((host, 0))
    return receiver
