"""The leak that is planted in every run: a process of ours connects to a decoy of ours, for each witness to catch."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from showcase.witnesses.decoy import DecoyListener
from showcase.witnesses.panel import Decoy

if TYPE_CHECKING:
    from showcase.worker_process import WorkerProcess

DECOY_PERIODS = 10
"""Sampling periods that the decoy's connection is held at least: a witness that misses it then cannot look."""


class PlantedLeak:
    """Begun, held for a while, and ended; what it was can be told at any moment of that.

    Args:
        worker: The process that leaks, spawned and not yet told to.
        sample_period_s: Pause between two looks of a witness that samples.
    """

    def __init__(self, worker: WorkerProcess, *, sample_period_s: float) -> None:
        self._worker = worker
        self._hold_s = DECOY_PERIODS * sample_period_s
        self._held_from: float | None = None
        self._listener = DecoyListener()

    def begin(self) -> None:
        """Let it connect."""
        endpoint = self._listener.endpoint
        self._worker.play({"endpoint": {"address": endpoint.address, "port": endpoint.port}}, store=None)
        if self._worker.wait_for("connected"):
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
        transcript = self._worker.transcript
        return Decoy(
            endpoint=self._listener.endpoint,
            pid=transcript.pid,
            listener_pid=os.getpid(),
            inside=transcript.own_endpoint,
            reached=self._listener.reached,
        )
