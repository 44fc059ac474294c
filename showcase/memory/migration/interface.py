"""A store as one side of a migration: its rows as they lie there, of everybody, with nothing read into them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from showcase.evidence.fact import Fact
from showcase.memory.stored import Stored, from_metadata

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.memory.backends.opening import Kept
    from showcase.memory.history import HistoryEvent
    from showcase.memory.store_record import StoreRecord

Key = tuple[str, ...]
"""What a row is told by in a store: its id, and with one collection a user its user's id before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried(Fact):
    """A row on its way.

    Attributes:
        memory_id: Its id.
        beside: What lies beside its vector, with the types that it has there.
        vector: Its numbers in single precision, as bytes in this machine's order; None for a row that has none.
        document: What Chroma keeps as its own `document` of a row; None where there is none.
    """

    memory_id: str
    beside: Mapping[str, Any]
    vector: bytes | None
    document: str | None = None

    @property
    def stored(self) -> Stored:
        """The row as every other command reads it."""
        return from_metadata(self.memory_id, self.beside)

    @property
    def digest(self) -> bytes:
        """What changes with anything of the row."""
        held = canonical([self.memory_id, self.beside, self.document])
        return hashlib.sha256(held.encode(errors="surrogatepass") + b"\0" + (self.vector or b"none")).digest()[:16]


class Side(Protocol):
    """A store that is copied from or to.

    Every method raises `StoreError` where the store cannot be used.
    """

    kept: Kept
    rounds: bool
    """Whether it brings each vector to length 1, so that its last bits may be others then."""

    def key(self, row: Carried) -> Key:
        """Return what a row is told by in this store."""
        ...

    def count(self, user_id: str | None) -> int:
        """Return how many rows a user has, everybody where None."""
        ...

    def pages(self, user_id: str | None) -> Iterator[list[Carried]]:
        """Yield the rows of a user, of everybody where None, in pieces; rows that name nobody are everybody's."""
        ...

    def there(self, rows: Sequence[Carried]) -> dict[Key, Carried]:
        """Return what is in the places that these rows have in this store."""
        ...

    def dimensions(self) -> int | None:
        """Return how many numbers a vector has to have here, None where nothing says so yet."""
        ...

    def is_empty(self) -> bool:
        """Tell whether there is no row at all."""
        ...

    def begin(self, record: StoreRecord) -> None:
        """Let the store say which model made the vectors that are written from now on."""
        ...

    def put(self, rows: Sequence[Carried], events: Sequence[HistoryEvent] = ()) -> None:
        """Store rows, one that is there replaced whole, after what mem0's history is to have of them."""
        ...

    def take_out(self, keys: Sequence[Key]) -> None:
        """Take rows out."""
        ...

    def was_read(self, user_id: str | None, count: int) -> None:
        """Note in the store's log of operations, where it has one, that so many rows were copied elsewhere."""
        ...

    def reopen(self) -> None:
        """Let go of the store, so that the next answer is read from what it keeps."""
        ...


def canonical(value: object) -> str:
    """Return a value in one spelling: 1, 1.0 and true are three, and the order of names is none of it."""
    return json.dumps(value, sort_keys=True, default=repr)


def whose(rows: Sequence[Carried]) -> str | None:
    """Return whose rows they are, None where they are of several users, or of nobody."""
    users = {row.stored.user_id for row in rows}
    return users.pop() if len(users) == 1 else None
