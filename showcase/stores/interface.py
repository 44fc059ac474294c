"""What is asked of an engine that a URL names, and what the commands ask of a store's rows, wherever they lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.memory.operations.line import Event
    from showcase.memory.same_store import SameStore
    from showcase.memory.store_record import Layout
    from showcase.memory.stored import Found, Stored
    from showcase.settings.store_address import StoreAddress
    from showcase.settings.store_place import StorePlace

Vector = tuple[float, ...]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row as an engine holds it.

    Attributes:
        memory_id: Its id, unique in its collection.
        beside: What mem0 calls its payload: the text under `data`, whose it is under `user_id`, and all else.
        vector: Numbers in single precision; None where they were not asked for.
    """

    memory_id: str
    beside: Mapping[str, Any]
    vector: Vector | None = None


class Table(Protocol):
    """The rows of one collection, in the form in which mem0's own provider keeps them.

    Written by mem0, read here without it, and the other way round. Every method raises `StoreError` where the engine
    does not answer, refuses, or holds what is no row of mem0's. A user's id is compared exactly: no wildcard, no
    pattern, no change of case.
    """

    address: StoreAddress

    def exists(self) -> bool:
        """Tell whether the collection is there."""
        ...

    def make(self, dimensions: int) -> None:
        """Make the collection as mem0's provider makes it, where it is not there."""
        ...

    def drop(self) -> None:
        """Remove the collection with all its rows, where it is there."""
        ...

    def pages(self, user_id: str | None, *, vectors: bool = False) -> Iterator[list[Row]]:
        """Yield the rows of a user, of everybody where None, in pieces and in an order that does not change by itself.

        Of everybody means those too that name nobody, or name somebody by what is no text.
        """
        ...

    def get(self, ids: Sequence[str], *, vectors: bool = False) -> list[Row]:
        """Return the rows of these ids that are there, whoever they belong to."""
        ...

    def nearest(self, user_id: str, vector: Sequence[float], at_most: int) -> list[tuple[Row, float]]:
        """Return the rows of a user that lie nearest to `vector`, nearest first, each with its cosine."""
        ...

    def put(self, rows: Sequence[Row]) -> None:
        """Store rows, each with its vector; one whose id is there is replaced whole."""
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Take out the rows of these ids."""
        ...

    def dimensions(self) -> int | None:
        """Return how many numbers a vector of the collection has, None where it is not there."""
        ...

    def mark(self) -> str | None:
        """Return what this program wrote beside the collection, None where it wrote nothing or there is no place."""
        ...

    def set_mark(self, text: str) -> bool:
        """Write a text beside the collection; return whether there is a place for it and this user may."""
        ...

    def version(self) -> str:
        """Return what the engine says of itself: its name and version."""
        ...

    def close(self) -> None:
        """Let go of the engine; the next call connects again."""
        ...


class Rows(Protocol):
    """A store's rows as `chat`, `ask` and `memories` need them, of an embedded Chroma as of a server.

    Every method raises `StoreError` where the store cannot be used.
    """

    place: StorePlace
    layout: Layout
    same: SameStore

    def users(self) -> dict[str | None, int]:
        """Return how many rows each user has; under None those that name nobody."""
        ...

    def ids(self) -> list[str]:
        """Return the ids of all rows."""
        ...

    def rows(self, user_id: str | None = None) -> Iterator[Stored]:
        """Yield the rows of a user, of everybody where None."""
        ...

    def count(self, user_id: str) -> int:
        """Return how many rows a user has."""
        ...

    def get(self, user_id: str, ids: Sequence[str]) -> tuple[Stored, ...]:
        """Return the rows of a user that have these ids."""
        ...

    def anybodys(self, ids: Sequence[str]) -> dict[str, Stored]:
        """Return the rows that have these ids, whoever they belong to."""
        ...

    def of_text(self, user_id: str, text: str) -> Stored | None:
        """Return the first row of a user that says exactly this, None where none does."""
        ...

    def holds(self, user_id: str) -> bool:
        """Tell whether there is a collection in which rows of a user would be."""
        ...

    def row(self, user_id: str, memory_id: str) -> Stored:
        """Return one row of a user.

        Raises:
            UsageError: There is none of that id, or it is somebody else's.
        """
        ...

    def claim(self, user_id: str) -> None:
        """Make the collection of a user's rows where there is none."""
        ...

    def vectors(self, user_id: str | None, ids: Sequence[str]) -> dict[str, Vector]:
        """Return the vectors of a user's rows, of anybody's where None, by their ids."""
        ...

    def search(
        self, user_id: str, vector: Sequence[float], *, at_most: int, questions: bool = False
    ) -> tuple[Found, ...]:
        """Return the rows of a user that tell something and lie nearest to `vector`, nearest first."""
        ...

    def put(
        self,
        user_id: str,
        rows: Mapping[str, tuple[Mapping[str, Any], Sequence[float]]],
        *,
        event: Event | None = None,
        first: Callable[[], None] = ...,
    ) -> None:
        """Store rows by their ids, each with what is kept beside it and its vector; one that is there is replaced.

        Args:
            user_id: Whose they are.
            rows: By their ids.
            event: How it is noted in the log of operations; None for what it is, ADD or UPDATE.
            first: What is done before, once it is noted that this is begun.
        """
        ...

    def note(self, user_id: str, beside: Mapping[str, Mapping[str, Any]]) -> None:
        """Write beside rows that are there, by their ids: names that are not given stay, None takes one out."""
        ...

    def delete(self, user_id: str, ids: Sequence[str]) -> None:
        """Take rows of a user out."""
        ...

    def dimensions(self) -> int | None:
        """Return how many numbers a vector of this store has, None where it holds none."""
        ...

    def changed(self) -> bool:
        """Tell whether what is open here may be older than the store."""
        ...

    def in_peace(self, ask: Callable[[], Answer], *, close: Callable[[], None] | None = None) -> Answer:
        """Ask something that changes nothing; once more where another process wrote in the middle of it."""
        ...

    def close(self) -> None:
        """Let go of the store; the next call opens it again."""
        ...
