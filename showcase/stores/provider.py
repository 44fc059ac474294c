"""The part of mem0's configuration that names its vector store: one provider an engine, every value written out.

What is left out, mem0 fills in: 1536 dimensions for every provider, and a directory in the system's place for temporary
files, where anybody on the machine can lay what Qdrant's local mode unpickles.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.settings.store_address import StoreAddress
    from showcase.settings.store_place import StorePlace


def vector_store(place: StorePlace, secret: str | None, *, collection: str, dimensions: int) -> dict[str, Any]:
    """Return `vector_store` of a configuration for `Memory.from_config`.

    A password of PostgreSQL goes into this process's environment, where libpq takes it from: no text holds it then that
    an error or a log could show.

    Args:
        place: The store.
        secret: Password or key of its server, None where there is none.
        collection: Name of the collection.
        dimensions: Numbers of a vector.
    """
    address = place.address
    if address is None:
        return {"provider": "chroma", "config": {"collection_name": collection, "path": str(place.chroma)}}
    made = {
        "chroma": _chroma,
        "postgresql": _postgresql,
        "qdrant": _qdrant,
        "milvus": _milvus,
        "redis": _redis,
    }
    provider, config = made[address.kind](address, place, secret)
    sized = {} if address.kind == "chroma" else {"embedding_model_dims": dimensions}
    return {"provider": provider, "config": {"collection_name": collection, **sized, **config}}


def _chroma(address: StoreAddress, place: StorePlace, secret: str | None) -> tuple[str, Mapping[str, Any]]:  # noqa: ARG001 - one signature
    if not (address.tls or address.database or secret):
        return "chroma", {"host": address.host, "port": address.port}
    from showcase.stores.chroma_server import http_client  # noqa: PLC0415 - heavy

    # mem0 itself can name neither TLS, nor a database, nor a token: it takes a client that can.
    return "chroma", {"client": http_client(address, secret), "host": address.host, "port": address.port}


def _postgresql(address: StoreAddress, place: StorePlace, secret: str | None) -> tuple[str, Mapping[str, Any]]:  # noqa: ARG001 - as above
    from showcase.stores.pgvector import conninfo  # noqa: PLC0415 - only the one in use

    if secret is not None:
        os.environ["PGPASSWORD"] = secret
    parts = conninfo(address)
    user, host = quote(str(parts.pop("user")), safe=""), str(parts.pop("host"))
    at = f"[{host}]" if ":" in host else host
    port, dbname = parts.pop("port"), quote(str(parts.pop("dbname")), safe="")
    query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in parts.items())
    return "pgvector", {"connection_string": f"postgresql://{user}@{at}:{port}/{dbname}?{query}"}


def _qdrant(address: StoreAddress, place: StorePlace, secret: str | None) -> tuple[str, Mapping[str, Any]]:
    if address.path is not None:
        return "qdrant", {"path": str(place.chroma), "on_disk": True}
    scheme = "https" if address.tls else "http"
    return "qdrant", {"url": f"{scheme}://{address.where}", **({"api_key": secret} if secret else {})}


def _milvus(address: StoreAddress, place: StorePlace, secret: str | None) -> tuple[str, Mapping[str, Any]]:  # noqa: ARG001 - as above
    return "milvus", {"url": str(place.chroma), "metric_type": "COSINE", "db_name": "", "token": ""}


def _redis(address: StoreAddress, place: StorePlace, secret: str | None) -> tuple[str, Mapping[str, Any]]:  # noqa: ARG001 - as above
    scheme = "rediss" if address.tls else "redis"
    user = quote(address.user, safe="")
    by = f"{user}:{quote(secret, safe='')}@" if secret else (f"{user}@" if user else "")
    return "redis", {"redis_url": f"{scheme}://{by}{address.where}/0"}
