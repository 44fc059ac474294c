"""What ends a scene early, in the words that a user sees: the store's gate and the server's gate know them."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.errors import ShowcaseError
from showcase.memory.store_errors import as_store_error
from showcase.processes.protocol.orders import Leak, MemoryTask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.processes.protocol.orders import Task


@contextmanager
def in_words(task: Task) -> Iterator[None]:
    """Turn what mem0 lets through from its vendors into `ShowcaseError`; anything else passes as it is."""
    try:
        yield
    except (ShowcaseError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        found = None
        cause: BaseException | None = error
        while found is None and cause is not None:  # mem0 wraps what its extraction raises
            found = _engine_error(cause, task) or _store_error(cause, task)
            cause = cause.__cause__
        if found is None:
            raise
        raise found from error


def _store_error(error: BaseException, task: Task) -> ShowcaseError | None:
    if isinstance(task, Leak):
        return None
    return as_store_error(error, Path(task.store), Path(task.home) if isinstance(task, MemoryTask) else None)


def _engine_error(error: BaseException, task: Task) -> ShowcaseError | None:
    if not isinstance(error, Exception) or not isinstance(task, MemoryTask):
        return None
    # mem0 calls the server through the same client library, and passes on what that one raises.
    from showcase.engines.ollama import as_engine_error  # noqa: PLC0415 - heavy
    from showcase.engines.refusals import UNREADABLE, unreadable  # noqa: PLC0415 - with it

    url = f"http://{task.endpoint}"
    inside = {
        frame.f_globals.get("__name__", "").partition(".")[0] for frame, _ in traceback.walk_tb(error.__traceback__)
    }
    if isinstance(error, UNREADABLE) and "ollama" in inside:
        return unreadable(error, url)
    return as_engine_error(error, url, task.embed_model, "the path that mem0 asks on")
