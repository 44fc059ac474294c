"""What is written down of an operation: that it was begun, before anything is done, and what became of it.

What cannot be noted is not done. Where the first line was written and the last cannot be, the first stays, and tells
that an operation was begun whose end nobody noted.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from showcase.errors import StoreError
from showcase.memory.operations import chain
from showcase.memory.operations.chain import Draft
from showcase.memory.operations.line import parse
from showcase.memory.stored import PINNED, RECALLED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from showcase.memory.operations.chain import Ids
    from showcase.memory.operations.line import Event
    from showcase.settings.store_place import StorePlace


def noting(beside: Mapping[str, Mapping[str, Any]]) -> Event:
    """Return what it is that is written beside rows, by their ids."""
    names = {name for held in beside.values() for name in held}
    if names == {PINNED}:
        return "PIN" if any(held[PINNED] for held in beside.values()) else "UNPIN"
    return "RECALL" if RECALLED in names else "NOTE"


class Became:
    """What an operation came to: what was ordered, unless it says otherwise."""

    def __init__(self, event: Event, user_id: str | None, ids: Sequence[str], count: int | None) -> None:
        self._user_id = user_id
        self._count = count
        self._changes: list[tuple[Event, tuple[str, ...]]] = [(event, tuple(ids))]

    def changes(self, some: Iterable[tuple[Event, str]]) -> None:
        """Say what became of which memory, where that is known only after."""
        found: dict[Event, list[str]] = {}
        for event, memory_id in some:
            found.setdefault(event, []).append(memory_id)
        self._changes = [(event, tuple(ids)) for event, ids in found.items()] or [("NONE", ())]

    def names_nobody(self) -> None:
        """Let the last line say neither whose nor which: they are forgotten by then."""
        self._user_id = None
        self._count = sum(len(ids) for _, ids in self._changes)
        self._changes = [(event, ()) for event, _ in self._changes]

    def drafts(self, operation: int) -> list[Draft]:
        """Return the lines that end it."""
        return [
            Draft(event=event, step="done", operation=operation, user_id=self._user_id, ids=ids, count=self._count)
            for event, ids in self._changes
        ]


@contextmanager
def operation(
    place: StorePlace, event: Event, user_id: str | None, ids: Sequence[str], *, there: Ids, count: int | None = None
) -> Iterator[Became]:
    """Note an operation that writes: before it, and after. The caller holds the store's lock.

    Raises:
        StoreError: It cannot be noted: before it, nothing is done; after it, that is said.
    """
    begun = Draft(event=event, step="begun", user_id=user_id, ids=tuple(ids), count=count)
    try:
        number = chain.append(place, [begun], there=there)
    except StoreError as error:
        raise StoreError(f"{error.message}: what cannot be noted there is not done", hint=error.hint) from error
    became = Became(event, user_id, ids, count)
    try:
        yield became
    except BaseException:
        with suppress(StoreError):  # what went wrong is said; that no end was noted tells the log too
            chain.append(place, [Draft(event=event, step="failed", operation=number)], there=there)
        raise
    try:
        chain.append(place, became.drafts(number), there=there)
    except StoreError as error:
        raise StoreError(
            f"it was done ({event}), and of that the log holds the beginning alone: {error.message}", hint=error.hint
        ) from error


def reading(place: StorePlace, event: Event, user_id: str | None, ids: Sequence[str], count: int | None) -> None:
    """Note that somebody read memories, where the store has a log; who only looks begins none.

    Raises:
        StoreError: It cannot be noted.
    """
    if chain.is_kept(place):
        draft = Draft(event=event, user_id=user_id, ids=tuple(ids), count=count)
        chain.append(place, [draft], there=tuple, syncs=False)


def finished(place: StorePlace, events: Collection[Event]) -> None:
    """Note that this process brought to its end what another had begun."""
    begun: dict[int, Event] = {}
    with suppress(OSError), chain.path_of(place).open("rb") as file:
        for data in iter(lambda: file.readline(chain.MOST_BYTES), b""):
            line = parse(data.rstrip(b"\n"))
            if line is not None and line.event in events:
                begun.pop(line.operation, None)
                begun |= {line.operation: line.event} if line.step == "begun" else {}
    drafts = [Draft(event=event, step="done", operation=number) for number, event in list(begun.items())[-1:]]
    with suppress(StoreError):  # it is done, and undone by nothing; the log says that it was begun
        if drafts:
            chain.append(place, drafts, there=tuple)
