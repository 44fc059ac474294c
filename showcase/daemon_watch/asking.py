"""What a server says of itself when it is asked as an Ollama is."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from showcase.errors import EngineError

if TYPE_CHECKING:
    from showcase.evidence import Endpoint

ANSWER_S = 1.0
"""Time that a server has to say that it speaks HTTP."""

Answer = tuple[str | None, bool | None]
"""The server's version, and whether its cloud part is off."""


def ask(endpoint: Endpoint) -> Answer:
    """Return the server's version and whether its cloud part is off, each None where it does not say."""
    if not _speaks_http(endpoint):
        return None, None
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy, and only where a server is there

    gate = OllamaGate(endpoint)
    try:
        return gate.version(), gate.cloud_disabled()
    except EngineError:
        return None, None
    finally:
        gate.close()


def together(first: Answer | None, last: Answer) -> Answer:
    """Return what two answers say: a cloud part that was on for a while is on. None: it was not asked at first."""
    if first is None:
        return last
    cloud_disabled = last[1] if first[1] is True else first[1]
    return last[0] or first[0], cloud_disabled


def _speaks_http(endpoint: Endpoint) -> bool:
    """Return whether a server answers as one of HTTP does, at once; any other is not asked further."""
    try:
        with socket.create_connection((endpoint.address, endpoint.port), timeout=ANSWER_S) as connection:
            connection.sendall(b"GET /api/version HTTP/1.0\r\n\r\n")
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False
