"""Keeps a terminal from writing what is typed while something else is written."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def no_echo() -> Iterator[None]:
    """Keep the terminal from writing what is typed meanwhile: an Enter would move the frame of what is drawn."""
    try:
        import termios  # noqa: PLC0415 - POSIX alone
    except ImportError:
        yield
        return
    try:
        before = termios.tcgetattr(0) if _in_front() else None
    except (OSError, termios.error):
        before = None
    if before is None:
        yield
        return
    quiet = [*before]
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(0, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        with suppress(OSError, termios.error):
            if _in_front():
                termios.tcsetattr(0, termios.TCSANOW, before)


def _in_front() -> bool:
    """Tell whether the terminal is ours now; in the background we would be stopped for a change of its settings."""
    return os.tcgetpgrp(0) == os.getpgrp()
