"""What a library of an engine raised inside of mem0, in the words of that engine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from showcase.stores.errors import engine_error
from showcase.stores.pgvector_errors import translated

if TYPE_CHECKING:
    from showcase.errors import StoreError
    from showcase.settings.store_address import StoreAddress


def told(address: StoreAddress, error: BaseException) -> StoreError | None:
    """Return what a user is told of an error that a library of an engine raised, None of any other."""
    found = engine_error(address, error)
    if found is None or address.kind != "postgresql":
        return found
    return translated(address, error, has_secret="PGPASSWORD" in os.environ)
