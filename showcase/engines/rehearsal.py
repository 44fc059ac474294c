"""Starts the embedded engine as a process of its own, on a free loopback port, and ends it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from showcase.errors import EngineError
from showcase.evidence import Endpoint
from showcase.processes import Child
from showcase.rehearsal import CHAT_MODEL, EMBED_MODEL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["CHAT_MODEL", "EMBED_MODEL", "RehearsalEngine"]

START_TIMEOUT_S = 60.0


class RehearsalEngine:
    """The engine's process. It ends when its stdin closes, thus also when we are killed."""

    def __init__(self, *, environment: Mapping[str, str], cwd: Path, pace: float | None = None) -> None:
        command = [sys.executable, "-m", "showcase.rehearsal"]
        if pace is not None:
            command += ["--pace", str(pace)]
        self._child = Child(command, environment=environment, cwd=cwd)
        self.pid = self._child.pid

    def wait_ready(self) -> Endpoint:
        """Return where it listens, once it does.

        Raises:
            EngineError: It ended or did not come up in time; with the last line it wrote.
        """
        try:
            event = self._child.next_event(START_TIMEOUT_S)
        except TimeoutError:
            event = None
        if event is None or event.get("event") != "ready":
            self._child.end()
            last = next((line for line in reversed(self._child.stderr) if line.strip()), "it wrote nothing")
            raise EngineError(
                f"the rehearsal engine did not start: {last}",
                hint="see for yourself: python -m showcase.rehearsal --standalone",
            )
        self.pid = int(event.get("pid", self.pid))
        return Endpoint(address=str(event["host"]), port=int(event["port"]))

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._child.exit_code is None

    def end(self) -> None:
        """End it."""
        self._child.close_stdin()
        if self._child.reap(2.0) is None:
            self._child.end()
