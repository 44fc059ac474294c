"""What mem0 lets through from its vendors, in the words that a user sees: the gates of store and server know them."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

from showcase.errors import ShowcaseError
from showcase.memory.store_errors import as_store_error
from showcase.stores.told import told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.settings.store_address import StoreAddress


@contextmanager
def in_words(
    *,
    store: Path | None,
    home: Path | None = None,
    url: str | None = None,
    model: str = "",
    address: StoreAddress | None = None,
) -> Iterator[None]:
    """Turn what a vendor raises into `ShowcaseError`; anything else passes as it is.

    Args:
        store: Chroma's directory, None where none is used.
        home: mem0's own, None where mem0 is not used.
        url: Where the model server is, None where mem0 asks none.
        model: The embedding model that mem0 asks for.
        address: The URL of the store, None for an embedded Chroma.
    """
    try:
        yield
    except (ShowcaseError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        found = None
        cause: BaseException | None = error
        while found is None and cause is not None:  # mem0 wraps what its extraction raises
            found = None if url is None else _engine_error(cause, url, model)
            if found is None and address is not None:
                found = told(address, cause)
            elif found is None and store is not None:
                found = as_store_error(cause, store, home)
            cause = cause.__cause__
        if found is None:
            raise
        raise found from error


def _engine_error(error: BaseException, url: str, model: str) -> ShowcaseError | None:
    if not isinstance(error, Exception):
        return None
    # mem0 calls the server through the same client library, and passes on what that one raises.
    from showcase.engines.ollama import as_engine_error  # noqa: PLC0415 - heavy
    from showcase.engines.refusals import UNREADABLE, unreadable  # noqa: PLC0415 - with it

    inside = {
        frame.f_globals.get("__name__", "").partition(".")[0] for frame, _ in traceback.walk_tb(error.__traceback__)
    }
    if isinstance(error, UNREADABLE) and "ollama" in inside:
        return unreadable(error, url)
    return as_engine_error(error, url, model, "the path that mem0 asks on")
