"""The controls that play beside the sessions, and when each is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from showcase.evidence import Session
    from showcase.processes.worker_process import WorkerProcess


class Controls:
    """Those that play, and what came of those that are over."""

    def __init__(self) -> None:
        self.over: list[Session] = []
        self._playing: list[WorkerProcess] = []

    def add(self, worker: WorkerProcess) -> None:
        """Take one that was told to play."""
        self._playing.append(worker)

    def finish(self, *, ask: bool) -> None:
        """Let the one without memory have its turn, and wait for the end of all, of that one last.

        Its turn comes when the sessions are over, so that none of them shares the server with it.

        Args:
            ask: Whether it may ask. Where a session failed, the server may be what it failed at.
        """
        for worker in self._playing:
            worker.release(ask=ask)
        while self._playing:
            self.over.append(self._playing.pop().finish())

    def excuse(self) -> None:
        """Let those that wait for their turn end by themselves: they have shown what they are there to show."""
        for worker in [each for each in self._playing if each.waits]:
            worker.release(ask=False)
            self._playing.remove(worker)
            self.over.append(worker.finish())
