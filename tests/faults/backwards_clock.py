"""Runs the program while the time of day goes back an hour whenever anybody looks: `backwards_clock.py ARGUMENTS`."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, tzinfo

from showcase import clock
from showcase.cli import main
from showcase.orchestrator import phases


class Backwards(datetime):
    looks = 0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        cls.looks += 1
        return datetime.now(tz) - timedelta(hours=cls.looks)


if __name__ == "__main__":
    clock.datetime = phases.datetime = Backwards  # type: ignore[misc,attr-defined]
    main(sys.argv[1:])
