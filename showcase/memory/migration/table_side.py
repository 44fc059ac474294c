"""The table of an engine as one side of a migration."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from showcase.memory import history
from showcase.memory.migration.chroma_side import begin
from showcase.memory.migration.interface import Carried, Key, whose
from showcase.stores.interface import Row
from showcase.stores.unfit_rows import keeps_direction_alone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.memory.backends.opening import Kept
    from showcase.memory.history import HistoryEvent
    from showcase.memory.store_record import StoreRecord
    from showcase.stores.table_rows import TableRows


class TableSide:
    """See `Side`.

    Args:
        kept: The store; see `opening.look`.
        rows: Its rows.
    """

    def __init__(self, kept: Kept, rows: TableRows) -> None:
        self.kept = kept
        self._rows = rows
        self._table = rows.table
        self.rounds = keeps_direction_alone(rows.table.address.kind)

    def key(self, row: Carried) -> Key:
        """See `Side`."""
        return (row.memory_id,)

    def count(self, user_id: str | None) -> int:
        """See `Side`."""
        return sum(len(page) for page in self._table.pages(user_id)) if self._table.exists() else 0

    def pages(self, user_id: str | None) -> Iterator[list[Carried]]:
        """See `Side`."""
        for page in self._table.pages(user_id, vectors=True) if self._table.exists() else ():
            found = [_carried(each) for each in page]
            yield [each for each in found if user_id is None or each.stored.user_id == user_id]

    def there(self, rows: Sequence[Carried]) -> dict[Key, Carried]:
        """See `Side`."""
        if not rows or not self._table.exists():
            return {}
        found = [_carried(each) for each in self._table.get([each.memory_id for each in rows], vectors=True)]
        return {self.key(each): each for each in found}

    def dimensions(self) -> int | None:
        """See `Side`."""
        return self._table.dimensions() if self._table.exists() else None

    def is_empty(self) -> bool:
        """See `Side`."""
        return not self._table.exists() or not any(self._table.pages(None))

    def begin(self, record: StoreRecord) -> None:
        """See `Side`: an empty table that is there is told too which model's vectors it is to hold."""
        begin(self.kept, record)
        self._rows.same.made_by = record
        if self._table.exists():
            self._rows.sign(record)
        else:
            self._rows.claim("")

    def put(self, rows: Sequence[Carried], events: Sequence[HistoryEvent] = ()) -> None:
        """See `Side`."""
        with self._rows.same.writing("IMPORT", whose(rows), [row.memory_id for row in rows]):
            history.keep(self.kept.place, events)
            self._rows.claim("")
            self._table.put([_row(each) for each in rows])

    def take_out(self, keys: Sequence[Key]) -> None:
        """See `Side`."""
        ids = [key[0] for key in keys]
        with self._rows.same.writing("DELETE", None, ids):
            self._table.delete(ids)

    def was_read(self, user_id: str | None, count: int) -> None:
        """See `Side`."""
        self._rows.same.reading("EXPORT", user_id, count=count)

    def reopen(self) -> None:
        """See `Side`."""
        self._rows.close()


def _carried(row: Row) -> Carried:
    vector = None if row.vector is None else array("f", row.vector).tobytes()
    return Carried(memory_id=row.memory_id, beside=row.beside, vector=vector)


def _row(row: Carried) -> Row:
    return Row(memory_id=row.memory_id, beside=row.beside, vector=tuple(array("f", row.vector or b"")))
