"""mem0's own classes on the engines, as mem0 makes them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mem0.utils.factory import VectorStoreFactory

if TYPE_CHECKING:
    from servers import Server

DIMENSIONS = 4
NAMES = {"chroma": "chroma", "postgresql": "pgvector", "redis": "redis", "milvus": "milvus", "qdrant": "qdrant"}

ALICE = ([1.0, 0.0, 0.0, 0.0], "Alice keeps bees")
BOB = ([0.9, 0.1, 0.0, 0.0], "Bob plays the oboe")


def with_login(server: Server, user: str | None = None, secret: str | None = None, database: str = "") -> str:
    """Return the server's URL with a password, as mem0 wants it."""
    scheme, _, _ = server.url.partition("://")
    login = f"{quote(user or server.user or '')}:{quote(secret or server.secret or '')}"
    return f"{scheme}://{login}@{server.host}:{server.port}/{database}"


def configuration(server: Server, collection: str) -> dict[str, object]:
    """Return what mem0 is told of a store."""
    common: dict[str, object] = {"collection_name": collection}
    if server.kind != "chroma":
        common["embedding_model_dims"] = DIMENSIONS
    match server.kind:
        case "chroma":
            return {**common, "host": server.host, "port": server.port}
        case "postgresql":
            return {
                **common,
                "connection_string": with_login(server, database="postgres"),
                "hnsw": True,
                "diskann": False,
                **dict.fromkeys(("dbname", "user", "password", "host", "port")),
            }
        case "redis":
            return {**common, "redis_url": with_login(server)}
        case "milvus":
            return {**common, "url": server.url, "token": "", "metric_type": "L2", "db_name": ""}
        case "qdrant":
            return {**common, "path": server.url, "on_disk": True}


def opened(server: Server, collection: str, **more: object) -> Any:
    """Return mem0's store, made by its factory."""
    return VectorStoreFactory.create(NAMES[server.kind], {**configuration(server, collection), **more})


def payload(user: str, text: str) -> dict[str, str]:
    """Return a row's metadata as mem0's `add` writes it."""
    return {"user_id": user, "data": text, "hash": "", "created_at": "2026-11-28T12:00:00+00:00"}


def insert_both(store: Any) -> None:
    """Insert a row of each user."""
    ids = [str(uuid.uuid4()), str(uuid.uuid4())]
    store.insert(vectors=[ALICE[0], BOB[0]], payloads=[payload("alice", ALICE[1]), payload("bob", BOB[1])], ids=ids)


def texts(found: Any) -> set[str]:
    """Return the texts of what a search found."""
    return {row.payload["data"] for row in found}


def found(store: Any, filters: dict[str, object] | None) -> set[str]:
    """Return the texts that a search with these filters finds."""
    return texts(store.search(query="bees", vectors=ALICE[0], top_k=5, filters=filters))


def listed(store: Any, filters: dict[str, object] | None) -> set[str]:
    """Return the texts that a listing with these filters has."""
    return texts(store.list(filters=filters, top_k=100)[0])


def close(store: Any) -> None:
    """End what a store holds open, for which mem0 has no word."""
    pool, client = getattr(store, "connection_pool", None), getattr(store, "client", None)
    # Chroma's client leaves the connections to its server open when it is closed.
    sides = (client, getattr(client, "_admin_client", None))
    sessions = [getattr(getattr(side, "_server", None), "_session", None) for side in sides]
    for each in (pool, client, *sessions):
        if hasattr(each, "close"):
            each.close()
