"""Stock mem0 on a store as somebody's own program opens it: without our gate, our filter or our cleaning up."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from showcase.memory.chroma_client import forget_opened
from showcase.memory.mem0_store import COLLECTION, configuration, import_mem0, open_memory
from showcase.memory.own_parts import http_clients

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.engines.everyday import Opened
    from showcase.settings.store_place import StorePlace


@contextmanager
def mem0_opened(
    place: StorePlace, server: Opened, *, collection: str = COLLECTION, limit_s: float = 60.0
) -> Iterator[Any]:
    """Open a store by stock mem0, and let go of it.

    Args:
        place: The store.
        server: The model server: mem0's embedder looks for its model when it is made. No chat model is asked.
        collection: Which of Chroma's collections mem0 takes for its own.
        limit_s: How long a whole answer of the server may take.

    Raises:
        StoreError: The store cannot be used.
    """
    import_mem0()
    memory = open_memory(
        configuration(
            store=place.chroma,
            home=place.home,
            endpoint=server.endpoint,
            chat_model="none",
            embed_model=server.embed_model.name,
            dimensions=server.embed_model.dimensions or 0,
            collection=collection,
        ),
        limit_s=limit_s,
    )
    try:
        yield memory
    finally:
        for client in http_clients(memory):
            client.close()
        memory.vector_store.client.close()
        memory.close()
        forget_opened()
