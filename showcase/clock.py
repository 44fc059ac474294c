"""Time: one monotonic clock for a run, and UTC stamps for people."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timezone


@dataclass(frozen=True, slots=True)
class RunClock:
    """Seconds since a run began. Never goes back, whatever happens to the time of day."""

    started: float = field(default_factory=time.monotonic)

    def now_s(self) -> float:
        """Return the seconds since the run began, to the microsecond."""
        return self.at_s(time.monotonic())

    def at_s(self, moment: float) -> float:
        """Return a `time.monotonic()` reading, also of another process of this machine, as run time."""
        return round(moment - self.started, 6)


def utc_now() -> str:
    """Return the time of day as ISO 8601 in UTC with offset, to the millisecond."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
