"""mem0's history of the rows that are copied. It is a file of this machine, beside the rows of whatever engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.memory import history

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.memory.history import HistoryEvent
    from showcase.memory.migration.interface import Carried, Side

    Events = Mapping[str, tuple[HistoryEvent, ...]]


def events_of(side: Side, rows: Sequence[Carried]) -> dict[str, tuple[HistoryEvent, ...]]:
    """Return what happened to rows that are there, by their ids; what was before they were last deleted is forgotten.

    Raises:
        StoreError: The history cannot be read.
    """
    found = history.events(side.kept.place, [row.memory_id for row in rows])
    return {memory_id: history.last_life(some) for memory_id, some in found.items()}


def known_to(side: Side, rows: Sequence[Carried]) -> dict[str, tuple[HistoryEvent, ...]]:
    """Return all that a store knows of the ids of rows, of earlier lives too.

    Raises:
        StoreError: The history cannot be read.
    """
    return history.events(side.kept.place, [row.memory_id for row in rows])


def in_the_way(happened: Sequence[HistoryEvent], known: Sequence[HistoryEvent]) -> bool:
    """Tell whether an event is there under its id, and says something else."""
    there = {event.id: event for event in known}
    return any(there.get(event.id, event) != event for event in happened)


def missing_of(happened: Events, known: Events) -> list[HistoryEvent]:
    """Return the events that are not there as they are."""
    return [event for each, some in happened.items() for event in some if event not in known.get(each, ())]
