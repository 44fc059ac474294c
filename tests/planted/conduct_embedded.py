"""Conducts a run of the embedded engine: `conduct_embedded.py OUT MODEL WORKER DEED PORT [WITNESS…]`.

The engine is the planted one and does the deed, unless that is `-`; so is the worker, which is told the port where the
output directory is to be. Without witnesses by name the run has all that there are.
"""

import sys
from pathlib import Path
from typing import Any

from showcase import orchestrator
from showcase.engines.engine_process import EngineProcess
from showcase.progress import Silence
from showcase.scenes import scenario
from showcase.settings import Settings

own = EngineProcess.__init__


def planted(self: EngineProcess, called: str, command: list[str], **others: Any) -> None:
    script = Path(__file__).with_name("straying_engine.py")
    own(self, called, [command[0], str(script), *sys.argv[4:6], *command[3:]], **others)


if __name__ == "__main__":
    if sys.argv[4] != "-":
        EngineProcess.__init__ = planted  # type: ignore[assignment, method-assign]
    settings = Settings(
        out=Path(sys.argv[1]),
        engine="embedded",
        chat_model=sys.argv[2],
        worker="showcase.worker" if sys.argv[3] == "-" else sys.argv[3],
        drill=False,
        witnesses=tuple(sys.argv[6:]) or None,
    )
    sys.exit(orchestrator.run(settings, scenario.read(), Silence()).exit_code)
