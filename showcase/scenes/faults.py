"""What ends a scene early, in the words that a user sees: the store's gate and the server's gate know them."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.errors import ShowcaseError
from showcase.memory.store_errors import as_store_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.scenes.stage import Stage


@contextmanager
def in_words(stage: Stage) -> Iterator[None]:
    """Turn what mem0 lets through from its vendors into `ShowcaseError`; anything else passes as it is."""
    try:
        yield
    except (ShowcaseError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        found = None
        home = Path(stage.task["home"]) if "home" in stage.task else None
        cause: BaseException | None = error
        while found is None and cause is not None:  # mem0 wraps what its extraction raises
            found = _engine_error(cause, stage) or as_store_error(cause, stage.store, home)
            cause = cause.__cause__
        if found is None:
            raise
        raise found from error


def _engine_error(error: BaseException, stage: Stage) -> ShowcaseError | None:
    if not isinstance(error, Exception) or "chat_model" not in stage.task:
        return None
    # mem0 calls the server through the same client library, and passes on what that one raises.
    from showcase.engines.ollama import as_engine_error  # noqa: PLC0415 - heavy
    from showcase.engines.refusals import UNREADABLE, unreadable  # noqa: PLC0415 - with it

    url = f"http://{stage.endpoint}"
    inside = {
        frame.f_globals.get("__name__", "").partition(".")[0] for frame, _ in traceback.walk_tb(error.__traceback__)
    }
    if isinstance(error, UNREADABLE) and "ollama" in inside:
        return unreadable(error, url)
    return as_engine_error(error, url, stage.task["embed_model"], "the path that mem0 asks on")
