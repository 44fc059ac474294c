"""The leak that is planted in every run: a process of ours connects to a decoy of ours, for each witness to catch."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from showcase.evidence import Endpoint
from showcase.processes.protocol.events import Connected
from showcase.processes.protocol.orders import Leak
from showcase.witnesses.decoy import DecoyListener
from showcase.witnesses.panel import Decoy

if TYPE_CHECKING:
    from showcase.processes.worker_process import WorkerProcess
    from showcase.witnesses.panel import Panel

DECOY_PERIODS = 10
"""Sampling periods that the decoy's connection is held at least: a witness that misses it then cannot look."""


class PlantedLeak:
    """Begun, held for a while, and ended; what it was can be told at any moment of that.

    Args:
        worker: The process that leaks, spawned and not yet told to.
        panel: The witnesses, one of which may know it better than it does itself.
        sample_period_s: Pause between two looks of a witness that samples.
    """

    def __init__(self, worker: WorkerProcess, panel: Panel, *, sample_period_s: float) -> None:
        self._worker = worker
        self._panel = panel
        self._hold_s = DECOY_PERIODS * sample_period_s
        self._held_from: float | None = None
        self._listener = DecoyListener()

    def begin(self) -> None:
        """Let it connect."""
        endpoint = self._listener.endpoint
        # Its own listener is for a seal, and there is no seal without somebody who tells of which port it was.
        self._worker.play(Leak(endpoint=endpoint, own=self._panel.launches), look=None)
        if self._worker.wait_for(Connected):
            self._held_from = time.monotonic()

    def finish(self) -> None:
        """End it, once it was there to be seen for long enough."""
        if self._held_from is not None:
            time.sleep(max(0.0, self._held_from + self._hold_s - time.monotonic()))
        self._worker.release()
        self._worker.finish()

    def close(self) -> None:
        """Stop listening. Safe to call twice."""
        self._listener.close()

    @property
    def decoy(self) -> Decoy:
        """Who connected where, as far as it came: also a run that was interrupted here must know its own leak."""
        own = self._panel.own_connection(self._worker.role)
        return Decoy(
            endpoint=self._listener.endpoint,
            pid=self._worker.pid,
            listener_pid=os.getpid(),
            inside=None if own is None else Endpoint(address=self._listener.endpoint.address, port=own.port),
            reached=self._listener.reached,
            from_s=self._worker.transcript.started_s,
            until_s=self._worker.ended_s,
            whole=self._worker.exit_code == 0,
        )
