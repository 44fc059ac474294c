"""The short drill that a run holds beside its sessions: a few leaks, each under witnesses of its own."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.evidence import LeakTrial
from showcase.processes.child import Child, Document, read_document
from showcase.witnesses.panel import DRILL_ROLE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from showcase.witnesses.panel import Panel

PATIENCE_S = 60.0
"""From its start. It takes 3 s on an idle machine, and the sessions take longer."""


class ShortDrill:
    """A process of its own, which plants its leaks in a namespace of its own where there can be one.

    What it writes goes into `cwd`, which the run removes, also when the drill was ended before it could.
    """

    def __init__(self, *, environment: Mapping[str, str], cwd: Path, panel: Panel) -> None:
        self._panel = panel
        self._child = Child(
            [sys.executable, "-m", "showcase.witnesses.drill"],
            environment={**environment, "TMPDIR": str(cwd)},
            cwd=cwd,
            read=read_document,
        )
        self._deadline = time.monotonic() + PATIENCE_S
        self._panel.enter(DRILL_ROLE, self._child.pid)

    def trials(self) -> tuple[LeakTrial, ...]:
        """Wait for its end and return what came of it; nothing where none could be held."""
        found: Document | None = None
        with suppress(TimeoutError):
            found = self._child.next_event(self._deadline - time.monotonic())
        self.end()
        if found is None or found.get("event") != "drill":
            return ()
        return tuple(
            LeakTrial(
                id=leak["id"],
                description=leak["description"],
                results=leak["witnesses"],
                expected=leak["expected"],
                obstacle=leak["obstacle"],
                worse=tuple(leak["worse"]),
            )
            for leak in found["leaks"]
        )

    def end(self) -> None:
        """End it where it still lives."""
        if self._child.reap(0.5) is None:
            self._child.end()
        self._panel.leave(DRILL_ROLE, self._child.pid)
