"""Which facts a stored row holds, told by words: what a row means, no pattern can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.bench.memory.told import found
from showcase.evidence.fact import Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.memory.told import Told

MOST_FACTS = 3
"""Facts that one row may hold. A turn tells two at most; a row of the whole conversation holds all of them, and would
be found by every question: it is no memory, and counts as holding none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Fact):
    """What lies in a store, against what was told.

    Attributes:
        told: Different facts that were told.
        held: Those of them that a row holds.
        rows: Rows in the store.
        junk: Rows that hold none.
        duplicates: Rows that hold facts, and none that an earlier row does not hold too.
        wrong: Rows that say the contrary of a fact.
        stale: Rows that hold a fact which was replaced, and not the one that replaced it.
    """

    told: int
    held: int
    rows: int
    junk: int
    duplicates: int
    wrong: int
    stale: int


def held(told: Told, text: str) -> frozenset[str]:
    """Return the facts that a row holds; none where it holds more than one row may."""
    facts = frozenset(fact.id for fact in told.facts if found(fact.holds, text) and not _wrong(told, text, fact.id))
    return facts if len(facts) <= MOST_FACTS else frozenset()


def kept(told: Told, rows: Sequence[str]) -> Kept:
    """Judge the rows of a store, in the order in which they were stored."""
    seen: set[str] = set()
    junk = duplicates = stale = 0
    for text in rows:
        facts = held(told, text)
        junk += not facts
        duplicates += bool(facts) and facts <= seen
        stale += _stale(told, facts)
        seen |= facts
    return Kept(
        told=len(told.facts),
        held=len(seen),
        rows=len(rows),
        junk=junk,
        duplicates=duplicates,
        wrong=sum(any(_wrong(told, text, fact.id) for fact in told.facts) for text in rows),
        stale=stale,
    )


def rank(told: Told, answers: Sequence[str], rows: Sequence[str]) -> int | None:
    """Return the place, from 1, of the first row that holds an answer; None where none does."""
    wanted = frozenset(answers)
    return next((place for place, text in enumerate(rows, start=1) if held(told, text) & wanted), None)


def _stale(told: Told, facts: frozenset[str]) -> bool:
    return any(fact.replaces in facts and fact.id not in facts for fact in told.facts)


def _wrong(told: Told, text: str, fact_id: str) -> bool:
    fact = next(fact for fact in told.facts if fact.id == fact_id)
    return bool(fact.wrong) and found(fact.wrong, text) and not any(found((each,), text) for each in fact.unless)
