"""A store's rows by the table of an engine: what the commands ask of them, in mem0's one collection for everybody."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from showcase.errors import StoreError, UsageError
from showcase.memory import store_record
from showcase.memory.operations.recording import noting
from showcase.memory.same_store import SameStore
from showcase.memory.stored import Found, digest, from_metadata
from showcase.shell.advice import printable, quoted
from showcase.stores import counting
from showcase.stores.interface import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from typing_extensions import Self

    from showcase.memory.operations.line import Event
    from showcase.memory.store_record import Layout
    from showcase.memory.stored import Stored
    from showcase.settings.store_place import StorePlace
    from showcase.stores.interface import Table, Vector

Answer = TypeVar("Answer")

_MORE = 4
"""Times as many rows as are wanted are asked for, because those that only ask are left out afterwards: an engine's
filter says of a row without the name what it likes (pgvector's `ne` leaves it out)."""


class TableRows:
    """See `Rows`. Close it, or use it as a context.

    Args:
        place: The store; its `home` holds what mem0 and this program keep beside it.
        table: Its rows.
    """

    layout: Layout = "shared"

    def __init__(self, place: StorePlace, table: Table) -> None:
        self.place = place
        self.table = table
        self.same = SameStore(place, self.layout, there=self.ids)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def users(self) -> dict[str | None, int]:
        """See `Rows`."""
        return counting.counts(self.table)

    def ids(self) -> list[str]:
        """Return the ids of all rows."""
        pages = self.table.pages(None) if self.table.exists() else ()
        return [each.memory_id for page in pages for each in page]

    def rows(self, user_id: str | None = None) -> Iterator[Stored]:
        """See `Rows`."""
        for page in self.table.pages(user_id) if self.table.exists() else ():
            found = (from_metadata(each.memory_id, each.beside) for each in page)
            yield from (row for row in found if user_id is None or row.user_id == user_id)

    def count(self, user_id: str) -> int:
        """See `Rows`."""
        return counting.count(self.table, user_id)

    def get(self, user_id: str, ids: Sequence[str]) -> tuple[Stored, ...]:
        """See `Rows`."""
        return tuple(row for row in self.anybodys(ids).values() if row.user_id == user_id)

    def anybodys(self, ids: Sequence[str]) -> dict[str, Stored]:
        """See `Rows`."""
        if not ids or not self.table.exists():
            return {}
        return {each.memory_id: from_metadata(each.memory_id, each.beside) for each in self.table.get(ids)}

    def of_text(self, user_id: str, text: str) -> Stored | None:
        """See `Rows`."""
        wanted = digest(text)
        for page in self.table.pages(user_id) if self.table.exists() else ():
            for each in page:
                row = from_metadata(each.memory_id, each.beside)
                if each.beside.get("hash") == wanted and (row.user_id, row.text) == (user_id, text):
                    return row
        return None

    def holds(self, user_id: str) -> bool:  # noqa: ARG002 - whoever it is: there is one collection
        """See `Rows`."""
        return self.table.exists()

    def row(self, user_id: str, memory_id: str) -> Stored:
        """See `Rows`."""
        found = self.get(user_id, [memory_id])
        if not found:
            raise UsageError(
                f"{user_id} has no memory {printable(memory_id)}",
                hint=f"see which there are: showcase memories list --store {quoted(self.place.named)} --user-id "
                f"{quoted(user_id)}",
            )
        return found[0]

    def claim(self, user_id: str) -> None:  # noqa: ARG002 - as above
        """See `Rows`. Its vectors are of the model that the store's record names."""
        record = self.same.check() or self.same.made_by
        if record is None:
            raise StoreError(
                f"the store {self.place.named} does not say how long its vectors are",
                hint="name the embedding model: --embed-model NAME",
            )
        if self.table.exists():
            return
        self.table.make(record.dimensions)
        self.table.set_mark(json.dumps(json.loads(store_record.document(record))))

    def vectors(self, user_id: str | None, ids: Sequence[str]) -> dict[str, Vector]:
        """See `Rows`."""
        found = self.table.get(ids, vectors=True) if ids and self.table.exists() else []
        return {
            each.memory_id: each.vector
            for each in found
            if each.vector is not None and user_id in (None, from_metadata(each.memory_id, each.beside).user_id)
        }

    def search(
        self, user_id: str, vector: Sequence[float], *, at_most: int, questions: bool = False
    ) -> tuple[Found, ...]:
        """See `Rows`."""
        self.same.check()
        found = self._nearest(user_id, vector, at_most, questions=questions)
        self.same.reading("SEARCH", user_id, count=len(found))
        return found

    def _nearest(self, user_id: str, vector: Sequence[float], at_most: int, *, questions: bool) -> tuple[Found, ...]:
        if not self.table.exists():
            return ()
        wanted = at_most if questions else _MORE * at_most
        while True:
            near = self.table.nearest(user_id, vector, wanted)
            found = [Found(row=from_metadata(row.memory_id, row.beside), cosine=round(cos, 6)) for row, cos in near]
            kept = [each for each in found if each.row.user_id == user_id and (questions or not each.row.question)]
            if len(kept) >= at_most or len(near) < wanted:
                return tuple(kept[:at_most])
            wanted *= _MORE

    def put(
        self,
        user_id: str,
        rows: Mapping[str, tuple[Mapping[str, Any], Sequence[float]]],
        *,
        event: Event | None = None,
        first: Callable[[], None] = lambda: None,
    ) -> None:
        """See `Rows`."""
        ids = list(rows)
        with self.same.writing(event or "ADD", user_id, ids) as became:
            first()
            some = [
                Row(memory_id=each, beside=dict(beside), vector=tuple(vector))
                for each, (beside, vector) in rows.items()
            ]
            if some:
                self.claim(user_id)
                old = {each.memory_id for each in self.table.get(ids)}
                self.table.put(some)
                became.changes((event or ("UPDATE" if each in old else "ADD"), each) for each in ids)

    def note(self, user_id: str, beside: Mapping[str, Mapping[str, Any]]) -> None:
        """See `Rows`."""
        if not beside:
            return
        with self.same.writing(noting(beside), user_id, list(beside)):
            there = self.table.get(list(beside), vectors=True) if self.table.exists() else []
            mine = [each for each in there if from_metadata(each.memory_id, each.beside).user_id == user_id]
            changed = [replace(each, beside=_with(each.beside, beside[each.memory_id])) for each in mine]
            if changed:
                self.table.put(changed)

    def delete(self, user_id: str, ids: Sequence[str]) -> None:
        """See `Rows`."""
        with self.same.writing("DELETE", user_id, ids) as became:
            mine = [row.memory_id for row in self.get(user_id, ids)]
            if mine:
                self.table.delete(mine)
            became.changes(("DELETE", each) for each in mine)

    def dimensions(self) -> int | None:
        """See `Rows`. A column that takes one length alone has it before it holds a row."""
        return self.table.dimensions() if self.table.exists() else None

    def changed(self) -> bool:
        """See `Rows`: an engine that was asked answers from what is there."""
        return False

    def in_peace(self, ask: Callable[[], Answer], *, close: Callable[[], None] | None = None) -> Answer:  # noqa: ARG002 - an engine looks after that itself
        """See `Rows`."""
        return ask()

    def close(self) -> None:
        """See `Rows`."""
        self.table.close()


def _with(held: Mapping[str, Any], noted: Mapping[str, Any]) -> dict[str, Any]:
    together = {**held, **noted}
    return {name: value for name, value in together.items() if value is not None or name not in noted}
