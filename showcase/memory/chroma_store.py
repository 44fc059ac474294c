"""The store seen without mem0: every row, whoever it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.evidence import MemoryRow
from showcase.memory.heavy_import import without_collecting
from showcase.memory.mem0_store import COLLECTION

if TYPE_CHECKING:
    from pathlib import Path


def import_chromadb() -> None:
    """Import chromadb; separate, so that the moment can be shown."""
    with without_collecting():
        import chromadb  # noqa: F401, PLC0415 - heavy


def every_row(store: Path) -> tuple[MemoryRow, ...]:
    """Return all rows of the store's collection, read by chromadb alone and with no filter."""
    import chromadb  # noqa: PLC0415 - heavy
    from chromadb.config import Settings  # noqa: PLC0415 - heavy

    client = chromadb.PersistentClient(path=str(store), settings=Settings(anonymized_telemetry=False))
    found = client.get_collection(COLLECTION, embedding_function=None).get(include=["metadatas"])
    return tuple(
        MemoryRow(
            memory_id=memory_id,
            text=str((metadata or {}).get("data", "")),
            user_id=str(user_id) if (user_id := (metadata or {}).get("user_id")) is not None else None,
        )
        for memory_id, metadata in zip(found["ids"], found["metadatas"] or (), strict=True)
    )
