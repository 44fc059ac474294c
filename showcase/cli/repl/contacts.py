"""What this process itself tried to contact in a turn, where it is audited: the hook alone, from the inside.

It sees Python's own calls in this one process. What the witnesses around it saw, native code and other processes
included, stands in the audit's log once the chat is over.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from showcase.witnesses import recorder


class OwnContacts:
    """Counts attempts by where they went, from when it is made; the hook cannot be taken out again."""

    def __init__(self) -> None:
        self._seen: list[tuple[float, str]] = []
        self._began = 0.0
        recorder.install(self._take)

    def begin(self) -> None:
        """Begin a turn: what was before is none of it."""
        self._began = time.monotonic()

    def lines(self) -> list[str]:
        """Return what was tried since the last turn began, a line for each place, and what may still be open."""
        seen = list(self._seen)
        counted = Counter(where for at, where in seen if at >= self._began)
        before = dict.fromkeys(where for at, where in seen if at < self._began and where not in counted)
        return [
            *(f"{where}, {times} times" if times > 1 else where for where, times in counted.items()),
            *(f"before the turn, and perhaps used again: {where}" for where in before),
        ]

    def _take(self, event: dict[str, Any]) -> None:
        if event.get("event") != "attempt":
            return
        place = event.get("name") or event.get("address") or "?"
        port = event.get("port")
        self._seen.append((time.monotonic(), f"{event.get('kind')} {place}{f':{port}' if port else ''}"))
