"""Qdrant, a server or a directory: the collection that mem0's provider `qdrant` makes, by Qdrant's own client.

A vector keeps its direction alone: with the metric that mem0 chooses, Qdrant brings each to length 1.
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from showcase.errors import ShowcaseError, StoreError
from showcase.stores.errors import as_store_error
from showcase.stores.extras import imported
from showcase.stores.interface import Row
from showcase.stores.qdrant_client import client as opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from showcase.settings.store_address import StoreAddress
    from showcase.stores.interface import Vector

_PIECE = 1000
_MORE = 4
_MARK = "showcase_mark"
_KEYWORDS = "bm25"
"""The sparse vector that mem0 adds where it has `fastembed`; nothing here makes one."""

_INDEXED = ("user_id", "agent_id", "run_id", "actor_id")


class QdrantTable:
    """See `Table`.

    Args:
        address: The server or the directory, and the name of the collection.
        secret: The server's key, None where there is none.
        path: Where the files of a directory are.
    """

    def __init__(self, address: StoreAddress, secret: str | None, path: Path) -> None:
        self.address = address
        self._secret = secret
        self._path = path
        self._client: Any = None

    def exists(self) -> bool:
        """See `Table`. A directory that is not there is not made to see that."""
        if self.address.path is not None and self._client is None and not self._path.exists():
            return False
        with self._asked() as client:
            return bool(client.collection_exists(self.address.collection))

    def make(self, dimensions: int) -> None:
        """See `Table`."""
        if self.exists():
            return
        models = imported("qdrant", "qdrant_client.models")
        with self._asked() as client:
            client.create_collection(
                self.address.collection,
                vectors_config=models.VectorParams(size=dimensions, distance=models.Distance.COSINE, on_disk=True),
                sparse_vectors_config={_KEYWORDS: models.SparseVectorParams(modifier=models.Modifier.IDF)},
            )
            for name in _INDEXED if self.address.path is None else ():
                client.create_payload_index(self.address.collection, field_name=name, field_schema="keyword")

    def drop(self) -> None:
        """See `Table`."""
        if self.exists():
            with self._asked() as client:
                client.delete_collection(self.address.collection)

    def pages(self, user_id: str | None, *, vectors: bool = False) -> Iterator[list[Row]]:
        """See `Table`: by id, and from where the page before ended."""
        begin: Any = None
        while True:
            with self._asked() as client:
                found, begin = client.scroll(
                    self.address.collection,
                    scroll_filter=None if user_id is None else self._of(user_id),
                    limit=_PIECE,
                    offset=begin,
                    with_vectors=vectors,
                )
            rows = [_row(each) for each in found]
            mine = [row for row in rows if user_id is None or row.beside.get("user_id") == user_id]
            if mine:
                yield mine
            if begin is None:
                return

    def get(self, ids: Sequence[str], *, vectors: bool = False) -> list[Row]:
        """See `Table`. What is neither a UUID nor a number is the id of no row."""
        found = []
        known = _ids(ids)
        for begin in range(0, len(known), _PIECE):
            with self._asked() as client:
                found += client.retrieve(
                    self.address.collection, ids=known[begin : begin + _PIECE], with_vectors=vectors
                )
        return [_row(each) for each in found]

    def nearest(self, user_id: str, vector: Sequence[float], at_most: int) -> list[tuple[Row, float]]:
        """See `Table`: by comparing all of a user's rows; a filter of Qdrant's takes lists that hold the id as well."""
        models = imported("qdrant", "qdrant_client.models")
        asked_for = at_most
        while True:
            with self._asked() as client:
                points = client.query_points(
                    self.address.collection,
                    query=list(vector),
                    query_filter=self._of(user_id),
                    limit=asked_for,
                    search_params=models.SearchParams(exact=True) if self.address.path is None else None,
                ).points
            found = [(_row(each), float(each.score)) for each in points]
            mine = [each for each in found if each[0].beside.get("user_id") == user_id]
            if len(mine) >= at_most or len(found) < asked_for:
                return sorted(mine, key=lambda each: (-each[1], each[0].memory_id))[:at_most]
            asked_for *= _MORE

    def put(self, rows: Sequence[Row]) -> None:
        """See `Table`. What mem0 looks words up by stays with a row whose text stays."""
        models = imported("qdrant", "qdrant_client.models")
        for begin in range(0, len(rows), _PIECE):
            piece = rows[begin : begin + _PIECE]
            unknown = [row.memory_id for row in piece if _id(row.memory_id) is None]
            if unknown:
                raise StoreError(f"Qdrant takes UUIDs and numbers for ids, and {unknown[0][:80]!r} is neither")
            with self._asked() as client:
                there = client.retrieve(
                    self.address.collection, ids=_ids([row.memory_id for row in piece]), with_vectors=[_KEYWORDS]
                )
                words = {str(each.id): (each.payload or {}, _named(each.vector).get(_KEYWORDS)) for each in there}
                points = []
                for row in piece:
                    identity = _id(row.memory_id)
                    held, looked_up = words.get(str(identity), ({}, None))
                    stays = looked_up is not None and held.get("data") == row.beside.get("data")
                    named = {"": list(row.vector or ()), **({_KEYWORDS: looked_up} if stays else {})}
                    points.append(models.PointStruct(id=identity, vector=named, payload=dict(row.beside)))
                client.upsert(self.address.collection, points=points, wait=True)

    def delete(self, ids: Sequence[str]) -> None:
        """See `Table`."""
        models = imported("qdrant", "qdrant_client.models")
        known = _ids(ids)
        for begin in range(0, len(known), _PIECE):
            with self._asked() as client:
                client.delete(
                    self.address.collection,
                    points_selector=models.PointIdsList(points=known[begin : begin + _PIECE]),
                    wait=True,
                )

    def dimensions(self) -> int | None:
        """See `Table`."""
        if not self.exists():
            return None
        with self._asked() as client:
            vectors = client.get_collection(self.address.collection).config.params.vectors
        found = vectors.get("") if isinstance(vectors, dict) else vectors
        return None if found is None else int(found.size)

    def mark(self) -> str | None:
        """See `Table`: what Qdrant calls a collection's metadata, which a server has from 1.16 on."""
        if not self.exists():
            return None
        with self._asked() as client:
            held = client.get_collection(self.address.collection).config.metadata or {}
        found = held.get(_MARK)
        return found if isinstance(found, str) else None

    def set_mark(self, text: str) -> bool:
        """See `Table`."""
        with self._asked() as client:
            client.update_collection(self.address.collection, metadata={_MARK: text})
        return self.mark() == text

    def version(self) -> str:
        """See `Table`."""
        with self._asked() as client:
            if self.address.path is None:
                return f"Qdrant {client.info().version}"
        from importlib.metadata import version  # noqa: PLC0415 - seldom

        return f"Qdrant's local mode, qdrant-client {version('qdrant-client')}"

    def collections(self) -> tuple[str, ...]:
        """See `Listing`."""
        with self._asked() as client:
            return tuple(sorted(each.name for each in client.get_collections().collections))

    def close(self) -> None:
        """See `Table`: another process may open the directory then, unless mem0 here still has it."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _of(self, user_id: str) -> Any:  # noqa: ANN401 - the library's own class
        models = imported("qdrant", "qdrant_client.models")
        return models.Filter(must=[models.FieldCondition(key="user_id", match=models.MatchValue(value=user_id))])

    @contextmanager
    def _asked(self) -> Iterator[Any]:
        if self._client is None:
            self._client = opened(self.address, self._secret, self._path)
        try:
            yield self._client
        except ShowcaseError:
            raise
        except Exception as error:
            raise as_store_error(self.address, error, secret=self._secret) from error


def _ids(ids: Sequence[str]) -> list[str | int]:
    """Return those ids that a point can have, as Qdrant spells them."""
    return [found for each in ids if (found := _id(each)) is not None]


def _id(text: str) -> str | int | None:
    if text.isascii() and text.isdecimal():
        return int(text)
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None


def _row(point: Any) -> Row:  # noqa: ANN401 - the library's own class
    vector = _named(point.vector).get("")
    return Row(
        memory_id=str(point.id), beside=dict(point.payload or {}), vector=None if vector is None else _numbers(vector)
    )


def _named(vectors: Any) -> dict[str, Any]:  # noqa: ANN401 - a list, or several by their names
    if vectors is None:
        return {}
    return vectors if isinstance(vectors, dict) else {"": vectors}


def _numbers(vector: Sequence[float]) -> Vector:
    return tuple(float(number) for number in vector)
