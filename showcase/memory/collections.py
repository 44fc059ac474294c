"""The rows of a store by Chroma alone: every read, and the writes that ask no model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from showcase.errors import UsageError
from showcase.memory.chroma_client import ChromaClient
from showcase.memory.layouts import USER, collection_name, is_a_users
from showcase.memory.mem0_store import COLLECTION
from showcase.memory.operations.recording import noting
from showcase.memory.same_store import SameStore
from showcase.memory.stored import KIND, QUESTION, Found, digest, from_metadata
from showcase.shell.advice import printable, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from showcase.memory.operations.line import Event
    from showcase.memory.store_record import Layout
    from showcase.memory.stored import Stored
    from showcase.settings.store_place import StorePlace

Vector = tuple[float, ...]

PIECE = 1000
"""Rows that are asked for at once: Chroma binds each id as a variable of SQLite, which takes 32,766 of them
(https://www.sqlite.org/limits.html#max_variable_number), and a listing may be read while it is fetched."""


class Collections(ChromaClient):
    """A store's rows. Close it, or use it as a context.

    Args:
        place: Where the store lies; made where it is not there.
        layout: How its rows are laid out.

    Every method raises `StoreError` where the store is locked, damaged, full, or cannot be written.
    """

    def __init__(self, place: StorePlace, layout: Layout) -> None:
        super().__init__(place)
        self.layout: Layout = layout
        self.same = SameStore(place, layout, is_replaced=self.is_replaced, there=self.ids)

    def users(self) -> dict[str | None, int]:
        """Return how many rows each user has; under None those that name nobody."""
        counted: dict[str | None, int] = {}
        for collection in self.all():
            for row in self._pages(collection, None):
                counted[row.user_id] = counted.get(row.user_id, 0) + 1
        return counted

    def ids(self) -> list[str]:
        """Return the ids of all rows."""
        found: list[str] = []
        for collection in self.all():
            with self.translated():
                found += [str(each) for each in collection.get(include=[])["ids"]]
        return found

    def rows(self, user_id: str | None = None) -> Iterator[Stored]:
        """Yield the rows of a user, of everybody where None, in the order in which they were stored."""
        for collection in self.all() if user_id is None else self._of(user_id):
            yield from self._pages(collection, user_id)

    def count(self, user_id: str) -> int:
        """Return how many rows a user has."""
        counted = 0
        for collection in self._of(user_id):
            with self.translated():
                counted += len(collection.get(where=self._where(user_id), include=[])["ids"])
        return counted

    def get(self, user_id: str, ids: Sequence[str]) -> tuple[Stored, ...]:
        """Return the rows of a user that have these ids; nothing for an id that is not there, or is somebody else's."""
        found: list[Stored] = []
        for collection in self._of(user_id):
            for begin in range(0, len(ids), PIECE):
                with self.translated():
                    answer = collection.get(ids=list(ids[begin : begin + PIECE]), include=["metadatas"])
                found += [row for row in _rows(answer) if row.user_id == user_id]
        return tuple(found)

    def anybodys(self, ids: Sequence[str]) -> dict[str, Stored]:
        """Return the rows that have these ids, whoever they belong to."""
        found: dict[str, Stored] = {}
        for collection in self.all():
            for begin in range(0, len(ids), PIECE):
                with self.translated():
                    answer = collection.get(ids=list(ids[begin : begin + PIECE]), include=["metadatas"])
                found |= {row.memory_id: row for row in _rows(answer)}
        return found

    def of_text(self, user_id: str, text: str) -> Stored | None:
        """Return the first row of a user that says exactly this, None where none does."""
        where = {"$and": [self._where(user_id), {"hash": {"$eq": digest(text)}}]}
        for collection in self._of(user_id):
            with self.translated():
                answer = collection.get(where=where, include=["metadatas"])
            return next((row for row in _rows(answer) if (row.user_id, row.text) == (user_id, text)), None)
        return None

    def holds(self, user_id: str) -> bool:
        """Tell whether there is a collection in which rows of a user would be."""
        return bool(self._of(user_id))

    def row(self, user_id: str, memory_id: str) -> Stored:
        """Return one row of a user.

        Raises:
            UsageError: There is none of that id, or it is somebody else's.
        """
        found = self.get(user_id, [memory_id])
        if not found:
            raise UsageError(
                f"{user_id} has no memory {printable(memory_id)}",
                hint=f"see which there are: showcase memories list --store {quoted(self.place.named)} --user-id "
                f"{quoted(user_id)}",
            )
        return found[0]

    def claim(self, user_id: str) -> None:
        """Make the collection of a user's rows where there is none, with the user's id beside it."""
        self.same.check()
        with self.translated():
            self._made(user_id)

    def vectors(self, user_id: str | None, ids: Sequence[str]) -> dict[str, Vector]:
        """Return the vectors of a user's rows, of anybody's where None, by their ids."""
        found: dict[str, Vector] = {}
        for collection in self.all() if user_id is None else self._of(user_id):
            for begin in range(0, len(ids), PIECE):
                with self.translated():
                    answer = collection.get(ids=list(ids[begin : begin + PIECE]), include=["embeddings", "metadatas"])
                found |= {
                    row.memory_id: tuple(float(number) for number in vector)
                    for row, vector in zip(_rows(answer), answer["embeddings"], strict=True)
                    if user_id is None or row.user_id == user_id
                }
        return found

    def search(
        self, user_id: str, vector: Sequence[float], *, at_most: int, questions: bool = False
    ) -> tuple[Found, ...]:
        """Return the rows of a user that tell something and lie nearest to `vector`, nearest first.

        With `questions` those too that only ask.

        Chroma's default space gives the squared L2 distance d; of unit vectors the cosine is 1 - d/2.
        """
        self.same.check()
        self.refresh()
        found = self.in_peace(lambda: self._nearest(user_id, vector, at_most, questions=questions))
        self.same.reading("SEARCH", user_id, count=len(found))
        return found

    def _nearest(self, user_id: str, vector: Sequence[float], at_most: int, *, questions: bool) -> tuple[Found, ...]:
        found: list[Found] = []
        mine = self._where(user_id)
        # What only asks is nobody's fact; `$ne` takes rows that do not have the name at all.
        for collection in self._of(user_id):
            with self.translated():
                answer = collection.query(
                    query_embeddings=[list(vector)],
                    where=mine if questions else {"$and": [mine, {KIND: {"$ne": QUESTION}}]},
                    n_results=at_most,
                    include=["metadatas", "distances"],
                )
            found += [
                Found(row=from_metadata(memory_id, metadata), cosine=round(1 - float(distance) / 2, 6))
                for memory_id, metadata, distance in zip(
                    answer["ids"][0], answer["metadatas"][0], answer["distances"][0], strict=True
                )
            ]
        return tuple(each for each in found if each.row.user_id == user_id)

    def put(
        self,
        user_id: str,
        rows: Mapping[str, tuple[Mapping[str, Any], Sequence[float]]],
        *,
        event: Event | None = None,
        first: Callable[[], None] = lambda: None,
    ) -> None:
        """Store rows by their ids, each with what is kept beside it and its vector; one that is there is replaced.

        Args:
            user_id: Whose they are.
            rows: By their ids.
            event: How it is noted in the log of operations; None for what it is, ADD or UPDATE.
            first: What is done before, once it is noted that this is begun.
        """
        ids, old = list(rows), set[str]()
        with self.same.writing(event or "ADD", user_id, ids) as became, self.translated():
            first()
            collection = self._made(user_id)
            for begin in range(0, len(ids), PIECE):
                piece = ids[begin : begin + PIECE]
                # An upsert leaves the names that the new row does not have; None takes them out.
                there = collection.get(ids=piece, include=["metadatas"])
                old |= set(there["ids"])
                gone = {
                    each: dict.fromkeys(held or {}) for each, held in zip(there["ids"], there["metadatas"], strict=True)
                }
                collection.upsert(
                    ids=piece,
                    metadatas=[{**gone.get(each, {}), **rows[each][0]} for each in piece],
                    embeddings=[list(rows[each][1]) for each in piece],
                )
            became.changes((event or ("UPDATE" if each in old else "ADD"), each) for each in ids)

    def note(self, user_id: str, beside: Mapping[str, Mapping[str, Any]]) -> None:
        """Write beside rows that are there, by their ids: names that are not given stay, None takes one out."""
        if not beside:
            return
        with self.same.writing(noting(beside), user_id, list(beside)):
            for collection in self._of(user_id):
                with self.translated():
                    collection.update(ids=list(beside), metadatas=[dict(held) for held in beside.values()])

    def delete(self, user_id: str, ids: Sequence[str]) -> None:
        """Take rows of a user out; the bytes stay in the store's files until something else is written over them."""
        with self.same.writing("DELETE", user_id, ids) as became:
            mine = [row.memory_id for row in self.get(user_id, ids)]
            for collection in self._of(user_id):
                for begin in range(0, len(mine), PIECE):
                    with self.translated():
                        collection.delete(ids=mine[begin : begin + PIECE])
            became.changes(("DELETE", each) for each in mine)

    def dimensions(self) -> int | None:
        """Return how many numbers a vector of this store has, None where it holds none."""
        for collection in self.all():
            with self.translated():
                answer = collection.get(limit=1, include=["embeddings"])
            if len(answer["ids"]):
                return len(answer["embeddings"][0])
        return None

    def _pages(self, collection: Any, user_id: str | None) -> Iterator[Stored]:  # noqa: ANN401 - Chroma's own class
        where = None if user_id is None else self._where(user_id)
        begin = 0
        while True:
            with self.translated():
                answer = collection.get(where=where, include=["metadatas"], limit=PIECE, offset=begin)
            rows = _rows(answer)
            yield from (row for row in rows if user_id is None or row.user_id == user_id)
            if len(rows) < PIECE:
                return
            begin += PIECE

    def _where(self, user_id: str) -> dict[str, Any]:
        return {USER: {"$eq": user_id}}

    def _of(self, user_id: str) -> list[Any]:
        """Return the collection of a user, nothing where there is none."""
        if not self.is_there:
            return []
        from chromadb.errors import NotFoundError  # noqa: PLC0415 - heavy

        try:
            with self.translated(but=NotFoundError):
                return [self.opened().get_collection(collection_name(self.layout, user_id), embedding_function=None)]
        except NotFoundError:
            return []

    def all(self) -> list[Any]:
        """Return the collections of this layout. None is opened by what it names as its embedding function."""
        if not self.is_there:
            return []
        with self.translated():
            client = self.opened()
            return [
                client.get_collection(name, embedding_function=None)
                for name, marks in self.marks().items()
                if (name == COLLECTION if self.layout == "shared" else is_a_users(name, marks))
            ]

    def _made(self, user_id: str) -> Any:  # noqa: ANN401 - as above
        name = collection_name(self.layout, user_id)
        named = {} if self.layout == "shared" else {"metadata": {USER: user_id}}
        return self.opened().get_or_create_collection(name, embedding_function=None, **named)


def _rows(answer: Mapping[str, Any]) -> list[Stored]:
    return [
        from_metadata(memory_id, metadata)
        for memory_id, metadata in zip(answer["ids"], answer["metadatas"] or (), strict=True)
    ]
