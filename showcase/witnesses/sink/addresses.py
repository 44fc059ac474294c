"""One address of our own for each name: 198.18.0.0/15, which is set aside for tests (RFC 2544) and nobody's."""

from __future__ import annotations

import socket
import struct

_FIRST = 0xC6120001  # 198.18.0.1
_LAST = 0xC613FFFE  # 198.19.255.254


class Addresses:
    """Names and the addresses they were given."""

    def __init__(self) -> None:
        self._by_name: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def of(self, name: str) -> str | None:
        """Return the address of a name, the same each time; None where all are given away."""
        name = name.lower().rstrip(".")
        if name not in self._by_name:
            number = _FIRST + len(self._by_name)
            if number > _LAST:
                return None
            address = socket.inet_ntoa(struct.pack("!I", number))
            self._by_name[name] = address
            self._names[address] = name
        return self._by_name[name]

    def name_of(self, address: str) -> str | None:
        """Return the name that was given this address."""
        return self._names.get(address)
