"""The sets of questions, and their cosines.

Each question that somebody's facts answer counts twice: as it is, where the best fact that answers it should lie above
the threshold; and as asked of the same person without those facts, where all that is left should lie below it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.bench.questions.questionnaire import load
from showcase.bench.threshold.sample import Cosines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CHOSEN_ON = ("development_set", "second_set")
JUDGED_ON = "held_out"
SETS = (*CHOSEN_ON, JUDGED_ON)


@dataclass(frozen=True, slots=True)
class Case:
    """A question of a person, the facts that answer it and those that do not."""

    ask: str
    answering: tuple[str, ...]
    others: tuple[str, ...]

    def cosines(self, embed: Callable[[str], Sequence[float]]) -> Cosines:
        """Return the best of either; `embed` returns a text's vector of unit length."""
        asked = embed(self.ask)

        def best(facts: Sequence[str]) -> float:
            return max(math.fsum(a * b for a, b in zip(asked, embed(fact), strict=True)) for fact in facts)

        return Cosines(known=best(self.answering), unknown=best(self.others) if self.others else None)


def cases(name: str) -> tuple[Case, ...]:
    """Return the questions of a set that a fact answers."""
    return tuple(Case(ask=each.ask, answering=each.needed, others=each.others) for each in load(name) if each.needs)
