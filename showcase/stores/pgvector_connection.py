"""A connection to PostgreSQL that was left alone for a while, and a server that takes a question and never answers."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT_S = 60.0
"""Seconds that one transaction here may take; the longest reads a thousand rows, which takes tens of milliseconds."""


def is_stale(connection: Any) -> bool:  # noqa: ANN401 - psycopg's own class
    """Tell whether an idle connection is over: closed here, or there is something to read that nobody asked for.

    A server that ends says so and hangs up; both can be seen without asking it.
    """
    if connection.closed:
        return True
    with suppress(OSError, ValueError):
        return bool(_readable(connection.fileno()))
    return True


def _readable(descriptor: int) -> bool:
    if hasattr(select, "poll"):  # `select` takes no descriptor beyond 1023
        asked = select.poll()
        asked.register(descriptor, select.POLLIN)
        return bool(asked.poll(0))
    return bool(select.select([descriptor], [], [], 0)[0])


class Limit:
    """Ends a connection on which a transaction takes longer than `LIMIT_S`; libpq itself would wait for ever."""

    def __init__(self) -> None:
        self.reached = False
        """Whether it had to."""

    @contextmanager
    def of(self, connection: Any) -> Iterator[None]:  # noqa: ANN401 - psycopg's own class
        """Watch over what is asked within."""
        clock = threading.Timer(LIMIT_S, self._end, (connection,))
        clock.daemon = True
        clock.start()
        try:
            yield
        finally:
            clock.cancel()

    def _end(self, connection: Any) -> None:  # noqa: ANN401 - as above
        self.reached = True
        with suppress(OSError, ValueError):
            held = socket.socket(fileno=connection.fileno())
            try:
                held.shutdown(socket.SHUT_RDWR)  # the thread that waits sees an end, and raises
            finally:
                held.detach()  # the descriptor is libpq's, which closes it
