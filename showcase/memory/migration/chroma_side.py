"""An embedded Chroma as one side of a migration, in either layout."""

from __future__ import annotations

from array import array
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from showcase.memory import history, raw_rows, store_record
from showcase.memory.collections import PIECE, Collections
from showcase.memory.distances import check_space
from showcase.memory.layouts import USER, collection_name
from showcase.memory.migration.interface import Carried, Key, whose
from showcase.memory.raw_rows import RawRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.memory.backends.opening import Kept
    from showcase.memory.history import HistoryEvent
    from showcase.memory.store_record import StoreRecord


class ChromaSide:
    """See `Side`.

    Args:
        kept: The store; see `opening.look`.
        rows: Its rows.
    """

    rounds = False

    def __init__(self, kept: Kept, rows: Collections) -> None:
        self.kept = kept
        self._rows = rows

    def key(self, row: Carried) -> Key:
        """See `Side`."""
        if self.kept.layout == "shared":
            return (row.memory_id,)
        return (row.stored.user_id or "", row.memory_id)

    def count(self, user_id: str | None) -> int:
        """See `Side`."""
        return sum(len(ids) for _, ids in self._ids(user_id))

    def pages(self, user_id: str | None) -> Iterator[list[Carried]]:
        """See `Side`: in the order in which they were stored."""
        for name, ids in self._ids(user_id):
            for begin in range(0, len(ids), PIECE):
                page = self._piece(name, ids[begin : begin + PIECE])
                yield [each for each in page if user_id is None or each.stored.user_id == user_id]

    def there(self, rows: Sequence[Carried]) -> dict[Key, Carried]:
        """See `Side`."""
        there = self._rows.names()
        wanted = defaultdict(list)
        for each in rows:
            wanted[self._collection(self.key(each))].append(each.memory_id)
        found = [
            each
            for name, ids in wanted.items()
            if name in there
            for begin in range(0, len(ids), PIECE)
            for each in self._piece(name, ids[begin : begin + PIECE])
        ]
        return {self.key(each): each for each in found}

    def dimensions(self) -> int | None:
        """See `Side`."""
        return self._rows.dimensions()

    def is_empty(self) -> bool:
        """See `Side`."""
        return self._rows.dimensions() is None

    def begin(self, record: StoreRecord) -> None:
        """See `Side`."""
        check_space(self.kept.place, self.kept.layout)
        begin(self.kept, record)
        self._rows.same.made_by = record

    def put(self, rows: Sequence[Carried], events: Sequence[HistoryEvent] = ()) -> None:
        """See `Side`."""
        with self._rows.same.writing("IMPORT", whose(rows), [row.memory_id for row in rows]):
            history.keep(self.kept.place, events)
            of = defaultdict(list)
            for each in rows:
                of[self._collection(self.key(each))].append(each)
            for name, some in of.items():
                self._rows.claim(some[0].stored.user_id or "")
                with self._rows.translated():
                    collection = self._rows.opened().get_collection(name, embedding_function=None)
                raw_rows.write(self._rows, collection, [_raw(each) for each in some])

    def take_out(self, keys: Sequence[Key]) -> None:
        """See `Side`."""
        ids = [key[-1] for key in keys]
        with self._rows.same.writing("DELETE", None, ids), self._rows.translated():
            for key in keys:
                name = self._collection(key)
                self._rows.opened().get_collection(name, embedding_function=None).delete(ids=[key[-1]])

    def was_read(self, user_id: str | None, count: int) -> None:
        """See `Side`."""
        self._rows.same.reading("EXPORT", user_id, count=count)

    def reopen(self) -> None:
        """See `Side`."""
        self._rows.close()

    def _collection(self, key: Key) -> str:
        return collection_name(self.kept.layout, key[0])

    def _ids(self, user_id: str | None) -> list[tuple[str, list[str]]]:
        """Return the names of all collections that may hold rows of a user, with the ids in them."""
        found = []
        for each in self._rows.all():
            if user_id is None:
                found.append((str(each.name), raw_rows.ids(self._rows, each)))
                continue
            with self._rows.translated():
                answer = each.get(where={USER: {"$eq": user_id}}, include=[])
            found.append((str(each.name), [str(memory_id) for memory_id in answer["ids"]]))
        return found

    def _piece(self, name: str, ids: list[str]) -> list[Carried]:
        def ask() -> list[RawRow]:
            with self._rows.translated():
                collection = self._rows.opened().get_collection(name, embedding_function=None)
            return next(raw_rows.read(self._rows, collection, ids), [])

        return [_carried(each) for each in self._rows.in_peace(ask)]


def begin(kept: Kept, record: StoreRecord) -> None:
    """Write what a store says of itself, where it does not say that already."""
    if kept.record is None:
        store_record.begin(kept.place, record)
    elif kept.record != record:
        store_record.write(kept.place, record)


def _carried(row: RawRow) -> Carried:
    vector = None if row.vector is None else array("f", row.vector).tobytes()
    return Carried(memory_id=row.memory_id, beside=row.beside, vector=vector, document=row.document)


def _raw(row: Carried) -> RawRow:
    vector: Any = array("f", row.vector or b"").tolist()
    return RawRow(memory_id=row.memory_id, beside=row.beside, vector=vector, document=row.document)
