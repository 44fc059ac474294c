"""How many rows whom belong to: counted by the engine where it can, else by looking at all of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from showcase.memory.stored import from_metadata

if TYPE_CHECKING:
    from showcase.stores.interface import Table


@runtime_checkable
class Counting(Protocol):
    """A `Table` whose engine counts by itself; a user's id is compared exactly, as everywhere."""

    def counts(self) -> dict[str | None, int]:
        """Return how many rows each user has; under None those that name nobody, or by what is no text."""
        ...

    def count(self, user_id: str) -> int:
        """Return how many rows a user has."""
        ...


def counts(table: Table) -> dict[str | None, int]:
    """Return how many rows each user has; see `Counting`. Nothing where there is no collection."""
    if not table.exists():
        return {}
    if isinstance(table, Counting):
        return table.counts()
    found: Counter[str | None] = Counter()
    for page in table.pages(None):
        found.update(from_metadata(each.memory_id, each.beside).user_id for each in page)
    return dict(found)


def count(table: Table, user_id: str) -> int:
    """Return how many rows a user has; see `Counting`. None where there is no collection."""
    if not table.exists():
        return 0
    if isinstance(table, Counting):
        return table.count(user_id)
    return sum(
        from_metadata(each.memory_id, each.beside).user_id == user_id
        for page in table.pages(user_id)
        for each in page
    )  # fmt: skip
