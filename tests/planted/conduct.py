"""Conducts a run with the worker given: `conduct.py OUT WORKER [WITNESS…]`. A process of its own, as the program is."""

import sys
from pathlib import Path

from showcase import orchestrator
from showcase.progress import Silence
from showcase.scenes import scenario
from showcase.settings import Settings

if __name__ == "__main__":
    settings = Settings(
        out=Path(sys.argv[1]),
        engine="rehearsal",
        worker=sys.argv[2],
        drill=False,
        witnesses=tuple(sys.argv[3:]) or None,
    )
    sys.exit(orchestrator.run(settings, scenario.read(), Silence()).exit_code)
