"""The sets of questions, and their cosines.

Each question that somebody's facts answer counts twice: as it is, where the best fact that answers it should lie above
the threshold; and as asked of the same person without those facts, where all that is left should lie below it.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.bench.threshold.sample import Cosines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CHOSEN_ON = ("development_set", "second_set")
JUDGED_ON = "held_out"
SETS = (*CHOSEN_ON, JUDGED_ON)

_DIGEST = 16


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


def digest(name: str) -> str:
    """Return the beginning of the SHA-256 of a set."""
    return hashlib.sha256(_text(name).encode()).hexdigest()[:_DIGEST]


def cases(name: str) -> tuple[Case, ...]:
    """Return the questions of a set that a fact answers."""
    data: dict[str, Any] = json.loads(_text(name))
    found = []
    for case in data["cases"]:
        needs = case.get("needs", [])
        if not needs:
            continue
        facts = data["people"][case["who"]]["facts"]
        near = {*needs, *case.get("may", [])}
        found.append(
            Case(
                ask=case["ask"],
                answering=tuple(facts[index] for index in needs),
                others=tuple(fact for index, fact in enumerate(facts) if index not in near),
            )
        )
    return tuple(found)


def _text(name: str) -> str:
    return (Path(__file__).parents[1] / "questions" / f"{name}.json").read_text("utf-8")
