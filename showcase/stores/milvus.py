"""Milvus Lite: the collection that mem0's provider `milvus` makes, by Milvus' own client."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from showcase.errors import ShowcaseError
from showcase.stores import milvus_server
from showcase.stores.errors import as_store_error
from showcase.stores.exact import nearest_of
from showcase.stores.extras import imported
from showcase.stores.interface import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from showcase.settings.store_address import StoreAddress

_PIECE = 5000
"""Rows of one request. Milvus Lite looks at every row for each: 10,000 of 384 numbers take it a second or two."""

_MARK = "showcase_mark"
_LONGEST_TEXT = 65_535
"""Bytes of the field in which words are looked up; the text itself is kept whole beside."""

_LONGEST_ID = 512
_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})
"""What ends a text in a filter, or a line; mem0 leaves lines' ends as they are, and such a user it cannot ask for."""


class MilvusTable:
    """See `Table`.

    Args:
        address: The path, and the name of the collection.
        path: Where its files are.
    """

    def __init__(self, address: StoreAddress, path: Path) -> None:
        self.address = address
        self._path = path
        self._client: Any = None
        self._has_words: bool | None = None

    def exists(self) -> bool:
        """See `Table`. A path that is not there is not made to see that."""
        if self._client is None and not self._path.exists():
            return False
        with self._asked() as client:
            return bool(client.has_collection(self.address.collection))

    def make(self, dimensions: int) -> None:
        """See `Table`."""
        if self.exists():
            return
        library = imported("milvus", "pymilvus")
        kinds = library.DataType
        fields = [
            library.FieldSchema(name="id", dtype=kinds.VARCHAR, is_primary=True, max_length=_LONGEST_ID),
            library.FieldSchema(name="vectors", dtype=kinds.FLOAT_VECTOR, dim=dimensions),
            library.FieldSchema(name="metadata", dtype=kinds.JSON),
            library.FieldSchema(name="text", dtype=kinds.VARCHAR, max_length=_LONGEST_TEXT, enable_analyzer=True),
            library.FieldSchema(name="sparse", dtype=kinds.SPARSE_FLOAT_VECTOR),
        ]
        schema = library.CollectionSchema(fields, enable_dynamic_field=True)
        schema.add_function(
            library.Function(
                name="bm25",
                input_field_names=["text"],
                output_field_names=["sparse"],
                function_type=library.FunctionType.BM25,
            )
        )
        with self._asked() as client:
            indexes = client.prepare_index_params()
            indexes.add_index(
                field_name="vectors", metric_type="COSINE", index_type="AUTOINDEX", index_name="vector_index"
            )
            indexes.add_index(
                field_name="sparse",
                index_type="SPARSE_INVERTED_INDEX",
                metric_type="BM25",
                index_name="sparse_index",
            )
            client.create_collection(collection_name=self.address.collection, schema=schema, index_params=indexes)

    def drop(self) -> None:
        """See `Table`."""
        if self.exists():
            with self._asked() as client:
                client.drop_collection(self.address.collection)

    def pages(self, user_id: str | None, *, vectors: bool = False) -> Iterator[list[Row]]:
        """See `Table`: by id, and from where the page before ended."""
        whose = "" if user_id is None else f'metadata["user_id"] == "{user_id.translate(_ESCAPED)}"'
        with self._asked() as client:
            pieces = client.query_iterator(
                self.address.collection,
                batch_size=_PIECE,
                filter=whose,
                output_fields=_fields(vectors=vectors),
            )
        while True:
            with self._asked():
                found = pieces.next()
            rows = [_row(each) for each in found]
            mine = [row for row in rows if user_id is None or row.beside.get("user_id") == user_id]
            if mine:
                yield mine
            if len(found) < _PIECE:
                return

    def get(self, ids: Sequence[str], *, vectors: bool = False) -> list[Row]:
        """See `Table`."""
        found = []
        for begin in range(0, len(ids), _PIECE):
            with self._asked() as client:
                found += client.get(
                    self.address.collection,
                    ids=list(ids[begin : begin + _PIECE]),
                    output_fields=_fields(vectors=vectors),
                )
        return [_row(each) for each in found]

    def nearest(self, user_id: str, vector: Sequence[float], at_most: int) -> list[tuple[Row, float]]:
        """See `Table`: all of a user's rows are compared."""
        rows = (row for page in self.pages(user_id, vectors=True) for row in page)
        return nearest_of(rows, vector, at_most)

    def put(self, rows: Sequence[Row]) -> None:
        """See `Table`."""
        for begin in range(0, len(rows), _PIECE):
            data = [
                {
                    "id": row.memory_id,
                    "vectors": list(row.vector or ()),
                    "metadata": dict(row.beside),
                    **({"text": _words(row)} if self._words() else {}),
                }
                for row in rows[begin : begin + _PIECE]
            ]
            with self._asked() as client:
                client.upsert(self.address.collection, data=data)

    def delete(self, ids: Sequence[str]) -> None:
        """See `Table`."""
        for begin in range(0, len(ids), _PIECE):
            with self._asked() as client:
                client.delete(self.address.collection, ids=list(ids[begin : begin + _PIECE]))

    def dimensions(self) -> int | None:
        """See `Table`."""
        if not self.exists():
            return None
        found = {field["name"]: field for field in self._described()["fields"]}
        return int(found["vectors"]["params"]["dim"])

    def mark(self) -> str | None:
        """See `Table`: among what Milvus calls a collection's properties."""
        if not self.exists():
            return None
        found = (self._described().get("properties") or {}).get(_MARK)
        return found if isinstance(found, str) else None

    def set_mark(self, text: str) -> bool:
        """See `Table`."""
        with self._asked() as client:
            client.alter_collection_properties(self.address.collection, properties={_MARK: text})
        return self.mark() == text

    def version(self) -> str:
        """See `Table`."""
        from importlib.metadata import version  # noqa: PLC0415 - seldom

        return f"Milvus Lite {version('milvus-lite')}"

    def collections(self) -> tuple[str, ...]:
        """See `Listing`."""
        with self._asked() as client:
            return tuple(sorted(str(name) for name in client.list_collections()))

    def close(self) -> None:
        """See `Table`: another process may open the store then, and mem0 in this one no longer has it."""
        if self._client is not None:
            self._client.close()
            self._client = None
            milvus_server.let_go(self._path)

    def _described(self) -> Any:  # noqa: ANN401 - what the library answers
        with self._asked() as client:
            return client.describe_collection(self.address.collection)

    def _words(self) -> bool:
        """Tell whether the collection has the field in which words are looked up: mem0 before 2 made none."""
        if self._has_words is None:
            self._has_words = "text" in {field["name"] for field in self._described()["fields"]}
        return self._has_words

    @contextmanager
    def _asked(self) -> Iterator[Any]:
        if self._client is None:
            library = imported("milvus", "pymilvus")
            url = milvus_server.hold(self.address, self._path)
            self._client = library.MilvusClient(uri=url)
        try:
            yield self._client
        except ShowcaseError:
            raise
        except Exception as error:
            raise as_store_error(self.address, error) from error


def _fields(*, vectors: bool) -> list[str]:
    return ["id", "metadata", "vectors"] if vectors else ["id", "metadata"]


def _words(row: Row) -> str:
    """Return what mem0 puts into the field in which words are looked up."""
    text = row.beside.get("text_lemmatized") or row.beside.get("data") or ""
    return str(text).encode(errors="replace")[:_LONGEST_TEXT].decode(errors="ignore")


def _row(found: Any) -> Row:  # noqa: ANN401 - what the library answers
    vector = found.get("vectors")
    return Row(
        memory_id=str(found["id"]),
        beside=dict(found.get("metadata") or {}),
        vector=None if vector is None else tuple(float(number) for number in vector),
    )
