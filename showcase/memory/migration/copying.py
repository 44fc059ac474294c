"""Copies what is missing, then reads both stores again until nothing differs: that last reading is the proof.

A process that is killed leaves the source as it was, and a target with some of its rows, each whole. The same command
again compares what is there and copies the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.errors import StoreError
from showcase.evidence.fact import Fact
from showcase.memory.migration import events
from showcase.memory.migration.comparing import differences, likeness
from showcase.memory.migration.planning import refusal, unfit
from showcase.shell.advice import printable, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.memory.history import HistoryEvent
    from showcase.memory.migration.interface import Carried, Key, Side
    from showcase.memory.migration.planning import Plan

    Progress = Callable[[int, int], None]
    Begun = Callable[[str], Progress]

PASSES = 5
"""How often what others wrote meanwhile is copied after, before somebody is said to write all the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied(Fact):
    """What a migration came to.

    Attributes:
        written: Rows that were written, those too that were replaced.
        changed: Rows that were written or taken out again, because the source changed meanwhile.
        events: Events of mem0's history that were written.
        rounded: Rows whose vector the target rounded in its last bits, none by more than `unfit_rows.ROUNDING`.
        compared: Rows that the last reading found alike on both sides, all of them.
        passes: How often both stores were read.
    """

    written: int
    changed: int
    events: int
    rounded: int
    compared: int
    passes: int


def copy(source: Side, target: Side, made: Plan, *, begun: Begun) -> Copied:
    """Copy what is missing, and compare every row of both stores, until a whole reading finds no difference.

    Args:
        source: Where the rows are.
        target: Where they are to be.
        made: What was planned.
        begun: Returns what is told how many rows of how many are `copied` or `compared`.

    Raises:
        StoreError: A row is not in the target as it was written, somebody writes to one of the two all the time, or
            one of them cannot be used.
        UsageError: A row that came meanwhile cannot be held there.
    """
    source.was_read(made.user_id, made.rows)
    target.begin(made.record)
    copier = _Copier(source, target, made)
    for number in range(1, PASSES + 1):
        source.reopen()
        target.reopen()
        before = copier.written
        compared, alike = copier.go_through(begun("copied" if number == 1 else "compared"))
        if alike:
            return Copied(
                written=copier.first if number > 1 else copier.written,
                changed=copier.written - copier.first + copier.taken_out if number > 1 else 0,
                events=copier.events,
                rounded=copier.rounded,
                compared=compared,
                passes=number,
            )
        if number == 1:
            copier.first = copier.written - before
    raise StoreError(
        f"the store {source.kept.place.named} is written to all the time: its copy cannot be compared with it",
        hint="end what writes to it, such as a chat, then the same command again",
    )


class _Copier:
    """Remembers of each row what this process wrote, so that a loss is told from a change.

    Attributes:
        written: Rows that were written so far.
        first: Those of them that the first reading wrote.
        taken_out: Rows that were taken out again, because they are gone from the source.
        events: Events of the history that were written so far.
        rounded: Rows of this reading that lie there rounded.
    """

    def __init__(self, source: Side, target: Side, made: Plan) -> None:
        self._source, self._target, self._made = source, target, made
        self._wrote: dict[Key, bytes] = {}
        self._events_wrote: set[str] = set()
        self.written = self.first = self.taken_out = self.events = self.rounded = 0

    def go_through(self, progress: Progress) -> tuple[int, bool]:
        """Read both stores and write what differs; return how many rows were read, and whether nothing differed."""
        done, alike = 0, True
        seen: set[Key] = set()
        self.rounded = 0
        for page in self._source.pages(self._made.user_id):
            there = self._target.there(page)
            todo = [row for row in page if self._is_to_write(row, there.get(self._target.key(row)))]
            missing = self._missing(page)
            alike = alike and not todo and not missing
            self._write(todo, missing)
            seen |= {self._target.key(row) for row in page}
            done += len(page)
            progress(done, max(done, self._made.rows))
        gone = [key for key in self._wrote if key not in seen]
        if gone:
            self._target.take_out(gone)
            self.taken_out += len(gone)
            for key in gone:
                del self._wrote[key]
        return done, alike and not gone

    def _is_to_write(self, row: Carried, there: Carried | None) -> bool:
        like = likeness(row, there, rounds=self._target.rounds)
        self.rounded += like == "rounded"
        if like in ("same", "rounded", "used"):
            return False
        mine = self._wrote.get(self._target.key(row))
        if mine == row.digest:
            raise self._lost(row, there)
        why = unfit(row, self._target, self._made.record)
        if like == "anothers" or (like == "other" and mine is None and not self._made.replaces):
            why = "it was written there meanwhile, with another content"
        if why is not None:
            raise refusal(self._source.kept, self._target.kept, [(row, why)])
        return True

    def _write(self, some: list[Carried], missing: list[HistoryEvent]) -> None:
        if some or missing:
            self._target.put(some, missing)
            self._wrote |= {self._target.key(row): row.digest for row in some}
            self._events_wrote |= {event.id for event in missing}
            self.written += len(some)
            self.events += len(missing)

    def _missing(self, page: list[Carried]) -> list[HistoryEvent]:
        """Return what is missing of the history of rows."""
        found = events.missing_of(events.events_of(self._source, page), events.known_to(self._target, page))
        lost = next((event for event in found if event.id in self._events_wrote), None)
        if lost is not None:
            raise self._not_there(lost.memory_id, "an event of its history")
        return found

    def _lost(self, row: Carried, there: Carried | None) -> StoreError:
        return self._not_there(row.memory_id, "the row" if there is None else ", ".join(differences(row, there)))

    def _not_there(self, memory_id: str, what: str) -> StoreError:
        target, source = self._target.kept.place.named, self._source.kept.place.named
        return StoreError(
            f"the memory {printable(memory_id)} is not in {target} as it was written there: {printable(what[:200])}",
            hint=f"{source} has it as it was; see what lies in the other: showcase inspect {quoted(target)}",
        )
