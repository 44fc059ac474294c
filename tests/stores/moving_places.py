"""Places of every kind that a store can have here, each empty, and what lies there as the engine's own client tells."""

from __future__ import annotations

import importlib.util
import json
from array import array
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from providers import close

from showcase.memory.backends.opening import Kept, look
from showcase.settings.store_address import StoreAddress, parse
from showcase.settings.store_place import StorePlace, place_of, store_place

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from showcase.bench.stores.servers import Server
    from showcase.memory.store_record import Layout

Kind = Literal["shared", "per-user", "postgresql", "chroma", "redis", "qdrant", "milvus"]

_MODULES: dict[Kind, str] = {
    "shared": "memory.collections",
    "per-user": "memory.collections",
    "postgresql": "stores.pgvector",
    "chroma": "stores.chroma_server",
    "redis": "stores.redis_stack",
    "qdrant": "stores.qdrant",
    "milvus": "stores.milvus",
}
_SERVERS: dict[Kind, str] = {
    "postgresql": "postgresql_server", "chroma": "chroma_server", "redis": "redis_server", "qdrant": "qdrant_place",
    "milvus": "milvus_place",
}  # fmt: skip

KINDS: tuple[Kind, ...] = tuple(
    kind for kind, module in _MODULES.items() if importlib.util.find_spec(f"showcase.{module}")
)
"""All that this program has a table for; whether an engine can be started is asked by each test."""


@dataclass(frozen=True)
class Somewhere:
    """A place for a store: `secret` is its server's."""

    kind: Kind
    place: StorePlace
    secret: str | None

    @property
    def layout(self) -> Layout:
        return "per-user" if self.kind == "per-user" else "shared"

    def kept(self) -> Kept:
        return look(self.place, self.layout if self.place.address is None else None, secret=self.secret)

    @property
    def named(self) -> str:
        return str(self.place.named)


def somewhere(request: pytest.FixtureRequest, kind: Kind, root: Path, collection: str) -> Somewhere:
    """Return an empty place; skips where its engine cannot be started here."""
    if kind in ("shared", "per-user"):
        return Somewhere(kind=kind, place=store_place(root), secret=None)
    server: Server = request.getfixturevalue(_SERVERS[kind])
    if server.host is None:
        address = parse(f"{kind}:{root}?collection={collection}")
    else:
        user = f"{server.user}@" if kind == "postgresql" else ""
        database = "/postgres" if kind == "postgresql" else ""
        address = parse(f"{kind}://{user}{server.host}:{server.port}{database}?collection={collection}")
    assert address is not None
    return Somewhere(kind=kind, place=place_of(address), secret=server.secret)


Raw = dict[str, tuple[dict[str, Any], bytes]]
"""Rows by their ids: what lies beside a vector, and the vector's bytes."""


def raw(there: Somewhere) -> Raw:
    """Return all rows by the engine's own client, without a line of this program's."""
    address = there.place.address
    if address is None:
        return _of_embedded(there.place.chroma)
    return _RAW[there.kind](address, there.secret or "", there.place)


def _of_embedded(path: Path) -> Raw:
    from chromadb import PersistentClient  # noqa: PLC0415 - for the tests that need this engine alone
    from chromadb.api.shared_system_client import SharedSystemClient  # noqa: PLC0415 - likewise
    from chromadb.config import Settings  # noqa: PLC0415 - likewise

    SharedSystemClient.clear_system_cache()
    try:
        return _of_chroma(PersistentClient(path=str(path), settings=Settings(anonymized_telemetry=False)))
    finally:
        SharedSystemClient.clear_system_cache()  # it keeps what it opened by its path


def _of_chroma(client: Any, only: str | None = None) -> Raw:
    found: Raw = {}
    for collection in client.list_collections():
        if only in (None, collection.name):
            told = collection.get(include=["metadatas", "embeddings"])
            for each, beside, vector in zip(told["ids"], told["metadatas"], told["embeddings"], strict=True):
                assert each not in found
                found[each] = (dict(beside or {}), array("f", vector).tobytes())
    return found


def _of_chroma_server(address: StoreAddress, _: str, __: StorePlace) -> Raw:
    from chromadb import HttpClient  # noqa: PLC0415 - for the tests that need this engine alone

    client = HttpClient(host=address.host, port=address.port)
    try:
        found = _of_chroma(client, address.collection)
    finally:
        close(SimpleNamespace(client=client))
    for beside, _ in found.values():  # what Chroma would not keep as it is lies under one name
        beside.update(json.loads(beside.pop("showcase_whole", "{}")))
    return found


def _of_postgresql(address: StoreAddress, secret: str, _: StorePlace) -> Raw:
    import psycopg  # noqa: PLC0415 - for the tests that need this engine alone

    login = f"host={address.host} port={address.port} user={address.user} dbname={address.database}"
    with psycopg.connect(login, password=secret) as connection:
        asked: Any = f"SELECT id::text, payload::text, vector::float4[] FROM {address.collection}"  # noqa: S608 - ours
        rows = connection.execute(asked).fetchall()
    return {each: (json.loads(payload), array("f", vector).tobytes()) for each, payload, vector in rows}


_RAW = {"postgresql": _of_postgresql, "chroma": _of_chroma_server}
"""By the kinds whose rows lie as they are; the others' are read by their tables."""


def is_raw(kind: Kind) -> bool:
    """Tell whether `raw` reads this kind."""
    return kind in ("shared", "per-user") or kind in _RAW
