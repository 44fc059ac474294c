"""A moment at which a person may look around."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.progress import Pause

if TYPE_CHECKING:
    from showcase.evidence import Endpoint
    from showcase.orchestrator.store_under_test import StoreUnderTest
    from showcase.processes.worker_process import WorkerProcess


def moment(worker: WorkerProcess, store: StoreUnderTest, endpoint: Endpoint, *, left: int, alive: bool) -> Pause:
    """Return what a person is told then.

    Args:
        worker: The session.
        store: The store of the run.
        endpoint: Where the model server listens.
        left: How many sessions are to come.
        alive: Whether the process still lives, with the store open.
    """
    return Pause(
        role=worker.role,
        user_id=worker.transcript.user_id,
        pid=worker.transcript.pid or 0,
        alive=alive,
        store=store.place.chroma,
        address="" if store.address is None else str(store.address),
        endpoint=endpoint,
        sessions_left=left,
        took_s=worker.transcript.worked_s,
    )
