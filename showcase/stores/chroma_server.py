"""A Chroma server, or Chroma Cloud: the collection that mem0's provider `chroma` makes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from showcase.stores.beside_rows import flat, whole
from showcase.stores.chroma_http import http_client, translated
from showcase.stores.exact import nearest_of
from showcase.stores.interface import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.settings.store_address import StoreAddress

_PIECE = 300
"""Rows of one request: Chroma Cloud takes and returns no more (https://docs.trychroma.com/cloud/quotas-limits)."""

_COMPARED = 3000
"""Rows of a user up to which each is compared with a question, in 55 ms a thousand; beyond, Chroma's index answers."""

_MARK = "showcase_mark"
_MARK_PIECE = 200
"""Characters of a mark under one name: Chroma Cloud keeps 256 bytes."""


class ChromaServerTable:
    """See `Table`.

    Args:
        address: The server, its database, and the name of the collection.
        secret: The key of Chroma Cloud or of a proxy, None where there is none.
    """

    def __init__(self, address: StoreAddress, secret: str | None) -> None:
        self.address = address
        self._secret = secret
        self._client: Any = None

    def exists(self) -> bool:
        """See `Table`."""
        return self._collection() is not None

    def make(self, dimensions: int) -> None:  # noqa: ARG002 - a collection takes those of its first row
        """See `Table`."""
        with self._asked() as client:
            client.get_or_create_collection(self.address.collection, embedding_function=None)

    def drop(self) -> None:
        """See `Table`: its rows first.

        With a collection alone, Chroma 1.5.9 leaves behind which lists lay beside its rows, and hands them out beside
        the next rows of whatever collection.
        """
        if self.exists():
            self.delete([row.memory_id for page in self.pages(None) for row in page])
            with self._asked() as client:
                client.delete_collection(self.address.collection)

    def pages(self, user_id: str | None, *, vectors: bool = False) -> Iterator[list[Row]]:
        """See `Table`: in the order in which they were stored.

        Chroma pages by counting, and counts anew for each page: what was taken out meanwhile would move others past
        its end. So each page begins with the last row of the one before, and where that is another one, a page back.
        """
        where = None if user_id is None else {"user_id": {"$eq": user_id}}
        seen: set[str] = set()
        begin = 0
        while True:
            rows = self._got(vectors=vectors, where=where, limit=_PIECE, offset=begin)
            if begin and (not rows or rows[0].memory_id not in seen):
                begin = max(0, begin - _PIECE + 1)
                continue
            fresh = [row for row in rows if row.memory_id not in seen]
            seen |= {row.memory_id for row in fresh}
            mine = [row for row in fresh if user_id is None or row.beside.get("user_id") == user_id]
            if mine:
                yield mine
            if len(rows) < _PIECE:
                return
            begin += _PIECE - 1

    def get(self, ids: Sequence[str], *, vectors: bool = False) -> list[Row]:
        """See `Table`."""
        found = []
        for begin in range(0, len(ids), _PIECE):
            found += self._got(vectors=vectors, ids=list(ids[begin : begin + _PIECE]))
        return found

    def nearest(self, user_id: str, vector: Sequence[float], at_most: int) -> list[tuple[Row, float]]:
        """See `Table`: by comparing all of a user's rows, or, where there are many, by Chroma's index, which estimates.

        The default space gives the squared L2 distance d; of unit vectors the cosine is 1 - d/2.
        """
        rows: list[Row] = []
        for page in self.pages(user_id, vectors=True):
            rows += page
            if len(rows) > _COMPARED:
                return self._estimated(user_id, vector, at_most)
        return nearest_of(rows, vector, at_most)

    def put(self, rows: Sequence[Row]) -> None:
        """See `Table`."""
        for begin in range(0, len(rows), _PIECE):
            piece = rows[begin : begin + _PIECE]
            with self._asked():
                collection = self._there()
                # An upsert leaves the names that the new row does not have; None takes them out.
                held = collection.get(ids=[row.memory_id for row in piece], include=["metadatas"])
                gone = {
                    each: dict.fromkeys(names or {}) for each, names in zip(held["ids"], held["metadatas"], strict=True)
                }
                collection.upsert(
                    ids=[row.memory_id for row in piece],
                    metadatas=[{**gone.get(row.memory_id, {}), **flat(row.beside)} or None for row in piece],
                    embeddings=[list(row.vector or ()) for row in piece],
                )

    def delete(self, ids: Sequence[str]) -> None:
        """See `Table`."""
        for begin in range(0, len(ids), _PIECE):
            with self._asked():
                self._there().delete(ids=list(ids[begin : begin + _PIECE]))

    def dimensions(self) -> int | None:
        """See `Table`: None too where no row was stored yet, for the first one decides."""
        collection = self._collection()
        found = None if collection is None else collection._model.dimension  # noqa: SLF001 - told nowhere else
        return None if found is None else int(found)

    def mark(self) -> str | None:
        """See `Table`: beside the collection, in pieces."""
        collection = self._collection()
        held = {} if collection is None else dict(collection.metadata or {})
        pieces = sorted(name for name in held if name.startswith(_MARK))
        return "".join(str(held[name]) for name in pieces) if pieces else None

    def set_mark(self, text: str) -> bool:
        """See `Table`."""
        with self._asked():
            collection = self._there()
            others = {name: held for name, held in (collection.metadata or {}).items() if not name.startswith(_MARK)}
            pieces = {
                f"{_MARK}_{begin // _MARK_PIECE:04}": text[begin : begin + _MARK_PIECE]
                for begin in range(0, len(text), _MARK_PIECE)
            }
            collection.modify(metadata={**others, **pieces})
        return True

    def version(self) -> str:
        """See `Table`: of its API, for a server names no other."""
        with self._asked() as client:
            return f"Chroma server {client.get_version()}"

    def collections(self) -> tuple[str, ...]:
        """See `Listing`."""
        with self._asked() as client:
            return tuple(sorted(each.name for each in client.list_collections()))

    def close(self) -> None:
        """See `Table`."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _collection(self) -> Any:  # noqa: ANN401 - Chroma's own class
        """Return the collection as it is now, None where it is not there; not opened by what it says embeds it."""
        from chromadb.errors import NotFoundError  # noqa: PLC0415 - heavy

        with self._asked() as client:
            try:
                return client.get_collection(self.address.collection, embedding_function=None)
            except NotFoundError:
                return None

    def _there(self) -> Any:  # noqa: ANN401 - as above
        with self._asked() as client:
            return client.get_collection(self.address.collection, embedding_function=None)

    def _got(self, *, vectors: bool, **asked: Any) -> list[Row]:  # noqa: ANN401 - what Chroma's `get` takes
        include = ["metadatas", "embeddings"] if vectors else ["metadatas"]
        with self._asked():
            answer = self._there().get(include=include, **asked)
        embeddings = answer["embeddings"] if vectors else [None] * len(answer["ids"])
        return [
            Row(
                memory_id=memory_id,
                beside=whole(held),
                vector=None if vector is None else tuple(float(number) for number in vector),
            )
            for memory_id, held, vector in zip(answer["ids"], answer["metadatas"], embeddings, strict=True)
        ]

    def _estimated(self, user_id: str, vector: Sequence[float], at_most: int) -> list[tuple[Row, float]]:
        with self._asked():
            answer = self._there().query(
                query_embeddings=[list(vector)],
                where={"user_id": {"$eq": user_id}},
                n_results=at_most,
                include=["metadatas", "distances"],
            )
        return [
            (Row(memory_id=memory_id, beside=whole(held)), 1 - float(distance) / 2)
            for memory_id, held, distance in zip(
                answer["ids"][0], answer["metadatas"][0], answer["distances"][0], strict=True
            )
        ]

    @contextmanager
    def _asked(self) -> Iterator[Any]:
        if self._client is None:
            self._client = http_client(self.address, self._secret)
        with translated(self.address, self._secret):
            yield self._client
