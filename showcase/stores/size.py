"""What a store's rows and indexes take on the disk or in the memory of their engine, as the engine itself says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.stores.pgvector import PgvectorTable

if TYPE_CHECKING:
    from showcase.settings.store_place import StorePlace
    from showcase.stores.interface import Table


def size_bytes(place: StorePlace, table: Table | None) -> int | None:
    """Return the bytes of a store: of its files where they are here, of its table with all indexes where that is told.

    Args:
        place: The store.
        table: Its rows, None for an embedded Chroma.

    Returns:
        None where neither the file system nor the engine tells: a Chroma server does not.

    Raises:
        StoreError: The engine does not answer.
    """
    if table is None or (place.address is not None and place.address.path is not None):
        return sum(path.stat().st_size for path in place.chroma.rglob("*") if path.is_file())
    return table.size() if isinstance(table, PgvectorTable) else None
