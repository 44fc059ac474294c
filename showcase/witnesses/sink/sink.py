"""Listens where a sealed process is about to connect, writes down what it says first, and goes no further."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.witnesses.sink import hello, redaction
from showcase.witnesses.sink.addresses import Addresses

if TYPE_CHECKING:
    from showcase.witnesses.sink.reveal import Revealer
    from showcase.witnesses.syscalls.record.records import Records

SOCKETS = 96
"""Destinations that can be listened at: each needs a socket that was made inside, before there was a name for it."""

_MAPPED = "::ffff:"
"""How an IPv4 address begins that is given to a socket of IPv6 (RFC 4291, 2.5.5.2); on the wire it is an IPv4 one."""

_PATIENCE_S = 5.0
_BETWEEN_LOOKS_S = 0.01
_UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def sockets() -> list[socket.socket]:
    """Return sockets that are not bound yet (made inside; whom they will serve is decided outside)."""
    return [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(SOCKETS)]


class Sink:
    """Answers for names, at exactly the addresses and ports that are connected to.

    Never at every address or port: a listener there would take what processes of the command say to each other.
    """

    def __init__(self, unbound: list[socket.socket], records: Records, revealer: Revealer | None = None) -> None:
        self._revealer = revealer
        self._unbound = unbound
        self._records = records
        self._addresses = Addresses()
        self._served: set[tuple[str, int]] = set()
        self._lock = threading.Lock()

    def address_for(self, name: str, kind: str) -> str:
        """Return the address of a name for a question of type A; nothing for other types, and no error."""
        return (self._addresses.of(name) or "") if kind == "A" else ""

    def expect(self, address: str | None, port: int | None) -> None:
        """Listen at an address of ours before a process connects to it, be it with a socket of IPv6, as Java does."""
        address = address and address.removeprefix(_MAPPED)
        if address is None or not port or self._addresses.name_of(address) is None:
            return
        with self._lock:
            if (address, port) in self._served or not self._unbound:
                return
            self._served.add((address, port))
            server = self._unbound.pop()
        try:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((address, port))
            server.listen(128)
        except OSError as error:
            self._records.write("unsunk", address=address, port=port, why=str(error.strerror))
            server.close()
            return
        threading.Thread(target=self._serve, args=(server, address, port), name="sink", daemon=True).start()

    def _serve(self, server: socket.socket, address: str, port: int) -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                threading.Thread(target=self._hear, args=(connection, address, port), daemon=True).start()

    def _hear(self, connection: socket.socket, address: str, port: int) -> None:
        name = self._addresses.name_of(address)
        with connection:
            said = hello.read(_first_message(connection))
            facts = {"name": name, "address": address, "port": port, **said._asdict()}
            for part in ("host", "path"):
                facts[part] = facts[part] and redaction.text(str(facts[part]))
            clear: socket.socket | None = connection if said.protocol == "http" else None
            if self._revealer is not None:
                context = self._revealer.context(said.host or name or address) if said.protocol == "tls" else None
                if context is not None:
                    clear = self._revealer.accept(connection, context)
                    facts["trusted"] = clear is not None
                if clear is not None:
                    facts |= self._revealer.request(clear)
            self._records.write("sunk", **facts)
            if clear is not None:
                with suppress(OSError):
                    clear.sendall(_UNAVAILABLE)
                clear.close()


def _first_message(connection: socket.socket) -> bytes:
    """Return what is said first, and leave it to be read: whoever speaks TLS must see it as well."""
    data = b""
    until = time.monotonic() + _PATIENCE_S
    with suppress(OSError):
        while not hello.is_whole(data) and (left := until - time.monotonic()) > 0:
            connection.settimeout(left)
            more = connection.recv(hello.MOST_BYTES, socket.MSG_PEEK)
            if not more:
                break
            if len(more) == len(data):
                time.sleep(_BETWEEN_LOOKS_S)
            data = more
    return data
