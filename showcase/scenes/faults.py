"""What ends a scene early, in the words that a user sees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from showcase.memory import vendor_errors
from showcase.processes.protocol.orders import Forget, Leak, MemoryTask

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from showcase.processes.protocol.orders import Task


def in_words(task: Task | MemoryTask) -> AbstractContextManager[None]:
    """Turn what mem0 lets through from its vendors into `ShowcaseError`; anything else passes as it is."""
    if isinstance(task, Forget):
        task = task.task
    if isinstance(task, MemoryTask):
        return vendor_errors.in_words(
            store=Path(task.store), home=Path(task.home), url=f"http://{task.endpoint}", model=task.embed_model
        )
    return vendor_errors.in_words(store=None if isinstance(task, Leak) else Path(task.store))
