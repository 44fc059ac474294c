"""A process's orders, taken from its standard input to a descriptor of their own."""

from __future__ import annotations

import os

_STDIN = 0


def take() -> int:
    """Return a descriptor that reads what standard input read, and leave standard input at its end.

    On Windows a library that brings its own C runtime asks for the type of the standard handles when it is loaded, and
    that question waits for a read of the same pipe that another thread is in: an import would last until the next
    order. It also keeps orders from whatever else reads standard input. No child inherits what is returned.

    Raises:
        OSError: There is no standard input.
    """
    orders = os.dup(_STDIN)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, _STDIN)
    os.close(nothing)
    return orders
