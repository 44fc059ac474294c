"""The table of an address: one file an engine, of which only the one in use is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from showcase.settings.store_place import StorePlace
    from showcase.stores.interface import Table


def table(place: StorePlace, secret: str | None, *, collection: str | None = None) -> Table:
    """Return the rows of a store that a URL names; nothing is connected to before it is asked.

    Args:
        place: The store; it has an address.
        secret: Password or key, None where there is none.
        collection: Another collection than the address names.

    Raises:
        UsageError: The engine's library is not installed.
    """
    address = place.address
    if address is None:
        raise ValueError(f"{place.root} is a directory")
    address = address if collection is None else address.of_collection(collection)
    if address.kind == "postgresql":
        from showcase.stores.pgvector import PgvectorTable  # noqa: PLC0415 - only the one in use

        return PgvectorTable(address, secret)
    if address.kind == "chroma":
        from showcase.stores.chroma_server import ChromaServerTable  # noqa: PLC0415 - likewise

        return ChromaServerTable(address, secret)
    if address.kind == "qdrant":
        from showcase.stores.qdrant import QdrantTable  # noqa: PLC0415 - likewise

        return QdrantTable(address, secret, place.chroma)
    if address.kind == "milvus":
        from showcase.stores.milvus import MilvusTable  # noqa: PLC0415 - likewise

        return MilvusTable(address, place.chroma)
    from showcase.stores.redis_stack import RedisTable  # noqa: PLC0415 - likewise

    return RedisTable(address, secret)
