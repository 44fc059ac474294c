"""The part of mem0's configuration that names its vector store: one provider an engine, every value written out.

What is left out, mem0 fills in: 1536 dimensions for every provider, and a directory in the system's place for temporary
files, where anybody on the machine can lay what Qdrant's local mode unpickles.
"""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.settings.store_address import StoreAddress
    from showcase.settings.store_place import StorePlace


_PATIENCE_S = 30.0
"""Seconds until mem0 is told that there is no connection; psycopg_pool's own default."""

LISTED: dict[str, int] = {"redis": 250_000, "milvus": 4_096}
"""Most rows that stock mem0 can list of an engine in one answer: it asks for four times as many as it is asked for, and
Redis answers up to 1,000,000 (MAXSEARCHRESULTS), Milvus up to 16,384. Of the others there is no such limit."""


def vector_store(
    place: StorePlace, secret: str | None, *, collection: str, dimensions: int, stock: bool = False
) -> dict[str, Any]:
    """Return `vector_store` of a configuration for `Memory.from_config`.

    A password of PostgreSQL is handed over beside the text that says where to connect to, or for stock mem0, which has
    no place for that, in this process's environment, where libpq takes it from: no error and no log can show it then.

    Args:
        place: The store.
        secret: Password or key of its server, None where there is none.
        collection: Name of the collection.
        dimensions: Numbers of a vector.
        stock: Whether mem0 is to do what it does by itself, where that finds only a part of a user's rows: for whoever
            shows that. Else mem0 is told to make no index over everybody's vectors, and its statements are planned for
            the user they ask for.
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
    if address.kind == "postgresql" and not stock:
        config = {"hnsw": False, "connection_pool": _pool(str(config["connection_string"]), secret)}
    elif address.kind == "postgresql" and secret is not None:
        os.environ["PGPASSWORD"] = secret
    sized = {} if address.kind == "chroma" else {"embedding_model_dims": dimensions}
    return {"provider": provider, "config": {"collection_name": collection, **sized, **config}}


def _chroma(address: StoreAddress, place: StorePlace, secret: str | None) -> tuple[str, Mapping[str, Any]]:  # noqa: ARG001 - one signature
    from urllib.request import getproxies  # noqa: PLC0415 - seldom

    if not (address.tls or address.database or secret or getproxies()):
        return "chroma", {"host": address.host, "port": address.port}
    from showcase.stores.chroma_http import http_client  # noqa: PLC0415 - heavy

    # mem0 itself can name neither TLS, nor a database, nor a token, and its client would take the environment's proxy:
    # it takes a client that does not.
    return "chroma", {"client": http_client(address, secret), "host": address.host, "port": address.port}


def _postgresql(address: StoreAddress, place: StorePlace, secret: str | None) -> tuple[str, Mapping[str, Any]]:  # noqa: ARG001 - as above
    from showcase.stores.pgvector import conninfo  # noqa: PLC0415 - only the one in use

    parts = conninfo(address)
    user, host = quote(str(parts.pop("user")), safe=""), str(parts.pop("host"))
    at = f"[{host}]" if ":" in host else host
    port, dbname = parts.pop("port"), quote(str(parts.pop("dbname")), safe="")
    query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in parts.items())
    return "pgvector", {"connection_string": f"postgresql://{user}@{at}:{port}/{dbname}?{query}"}


def _pool(connection_string: str, secret: str | None) -> Any:  # noqa: ANN401 - psycopg_pool's own class
    """Return what mem0 takes its connections from, opened when it is first asked.

    psycopg prepares a statement at its fifth use, and PostgreSQL, after five more, plans it once for all users: by
    mem0's index over everybody's vectors, of which a filter then leaves little. A statement that is never prepared is
    planned for whom it asks. An index that is there already is not used either: pgvector can be told to visit more rows
    until enough are the user's (`hnsw.iterative_scan`), and gives up after 20,000 of whomever (`hnsw.max_scan_tuples`).
    """
    from showcase.stores.extras import imported  # noqa: PLC0415 - only the one in use

    def configure(connection: Any) -> None:  # noqa: ANN401 - psycopg's own class
        connection.execute("SET enable_indexscan = off")  # by bitmap rows are still found
        connection.commit()

    pool = imported("postgresql", "psycopg_pool").ConnectionPool(
        conninfo=connection_string,
        kwargs={"prepare_threshold": None, **({} if secret is None else {"password": secret})},
        configure=configure,
        min_size=1,
        max_size=5,
        timeout=_PATIENCE_S,
        open=False,
    )
    pool.open(wait=False)
    return pool


def _qdrant(address: StoreAddress, place: StorePlace, secret: str | None) -> tuple[str, Mapping[str, Any]]:
    from showcase.stores.qdrant_client import client  # noqa: PLC0415 - only the one in use

    # A directory is for one client alone, and one of mem0's own would take the environment's proxy to a server.
    return "qdrant", {"client": client(address, secret, place.chroma), "on_disk": True}


def _milvus(address: StoreAddress, place: StorePlace, secret: str | None) -> tuple[str, Mapping[str, Any]]:  # noqa: ARG001 - as above
    from showcase.stores.milvus_server import url  # noqa: PLC0415 - only the one in use

    return "milvus", {"url": url(address, place.chroma), "metric_type": "COSINE", "db_name": "", "token": ""}


def _redis(address: StoreAddress, place: StorePlace, secret: str | None) -> tuple[str, Mapping[str, Any]]:  # noqa: ARG001 - as above
    from showcase.stores.redis_stack import ANSWER_S, CONNECT_S  # noqa: PLC0415 - only the one in use

    # redisvl tells mem0, on the terminal, of a call that it will take away; the extra is bounded before it is gone.
    warnings.filterwarnings("ignore", message="Function set_client is deprecated", category=DeprecationWarning)
    user = quote(address.user, safe="")
    by = f"{user}:{quote(secret, safe='')}@" if secret else (f"{user}@" if user else "")
    query = f"socket_connect_timeout={CONNECT_S}&socket_timeout={ANSWER_S}"
    if address.tls:
        return "redis", {
            "redis_url": f"rediss://{by}{address.where}/0?{query}&ssl_cert_reqs=required&ssl_check_hostname=True"
        }
    return "redis", {"redis_url": f"redis://{by}{address.where}/0?{query}"}
