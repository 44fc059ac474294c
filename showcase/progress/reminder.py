"""Says again and again that something goes on, so that nobody takes a wait of minutes for a hang."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_S = 5.0
"""What takes less is no wait that a person wonders about."""

EVERY_S = 30.0
"""Often enough to see that it lives, and seldom enough for ten minutes to fit on a screen."""


class Reminder:
    """Calls `say` after `FIRST_S` and from then on each `EVERY_S`, from a thread of its own, until it is stopped.

    Args:
        say: Given the seconds since the beginning.

    Attributes:
        said: Whether anything was said.
    """

    def __init__(self, say: Callable[[float], None]) -> None:
        self.said = False
        self._say = say
        self._began = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._remind, daemon=True)
        self._thread.start()

    @property
    def since_s(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def stop(self) -> None:
        """Say nothing more. Safe to call twice."""
        self._over.set()

    def __enter__(self) -> Reminder:  # noqa: PYI034 - `Self` is younger than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _remind(self) -> None:
        wait_s = FIRST_S
        while not self._over.wait(wait_s):
            self.said = True
            self._say(self.since_s)
            wait_s = EVERY_S
