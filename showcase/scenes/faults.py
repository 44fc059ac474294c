"""What ends a scene early, in the words that a user sees; the password of a store's server is in none of them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from showcase.errors import StoreError
from showcase.memory import vendor_errors
from showcase.processes.protocol.orders import Forget, Leak, MemoryTask, UnfilteredRead
from showcase.settings.store_address import parse
from showcase.settings.store_secret import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from showcase.processes.protocol.orders import Task


@contextmanager
def in_words(task: Task | MemoryTask) -> Iterator[None]:
    """Turn what mem0 lets through from its vendors into `ShowcaseError`; anything else passes as it is.

    Raises:
        StoreError: What was raised holds the password of the store's server: its words without that.
    """
    try:
        with _translated(task):
            yield
    except Exception as error:
        secret = os.environ.get(SECRET, "")
        told = f"{error} {getattr(error, 'hint', '')}"
        if not secret or not (secret in told or quote(secret, safe="") in told):
            raise
        words = str(error).replace(secret, "…").replace(quote(secret, safe=""), "…")
        # Without its cause: that holds it as well.
        raise StoreError(f"{type(error).__name__}: {words}") from None


def _translated(task: Task | MemoryTask) -> AbstractContextManager[None]:
    if isinstance(task, Forget):
        task = task.task
    if isinstance(task, MemoryTask):
        return vendor_errors.in_words(
            store=Path(task.store),
            home=Path(task.home),
            url=f"http://{task.endpoint}",
            model=task.embed_model,
            address=parse(task.address) if task.address else None,
        )
    address = parse(task.address) if isinstance(task, UnfilteredRead) and task.address else None
    return vendor_errors.in_words(store=None if isinstance(task, Leak) else Path(task.store), address=address)
