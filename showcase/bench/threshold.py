"""From which cosine on a memory answers a question: chosen on one set of made-up people, judged on another.

Each question that somebody's facts answer counts twice: as it is, where the best fact that answers it should lie above
the threshold; and as asked of the same person without those facts, where all that is left should lie below it.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.evidence.fact import Fact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CHOSEN_ON = ("development_set", "second_set")
JUDGED_ON = "held_out"
_STEPS = 100
_Z = 1.959964
"""Of a normal distribution, two-sided 95 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Fact):
    """How many of how many, with the 95 % interval of Wilson (J. Am. Stat. Assoc. 22:209-212, 1927)."""

    hits: int
    of: int
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Fact):
    """What a threshold is worth.

    Attributes:
        embed_model: Whose vectors were compared.
        threshold: The cosine chosen on the first sets.
        found: Of the held-out questions that a fact answers, those whose best fact lies at or above it.
        refused: Of the same questions without those facts, those for which nothing does.
        chosen_found: The same on the sets that it was chosen on.
        chosen_refused: Likewise.
    """

    embed_model: str
    threshold: float
    found: Rate
    refused: Rate
    chosen_found: Rate
    chosen_refused: Rate


@dataclass(frozen=True, slots=True)
class Cosines:
    """Of a set: the best fact that answers, and the best that does not, one of each a question."""

    known: tuple[float, ...]
    unknown: tuple[float, ...]

    def found(self, threshold: float) -> Rate:
        """Return how many are found that are known."""
        return _rate(sum(cosine >= threshold for cosine in self.known), len(self.known))

    def refused(self, threshold: float) -> Rate:
        """Return how many are refused that are not known."""
        return _rate(sum(cosine < threshold for cosine in self.unknown), len(self.unknown))


def measure(
    embed_model: str, embed: Callable[[str], Sequence[float]], *, on_progress: Callable[[int, int], None]
) -> Measured:
    """Choose a threshold and judge it.

    Args:
        embed_model: Name of the model.
        embed: Returns a text's vector of unit length.
        on_progress: Told how many texts of how many were embedded.
    """
    sets = {name: _read(name) for name in (*CHOSEN_ON, JUDGED_ON)}
    texts = list(dict.fromkeys(text for cases in sets.values() for case in cases for text in _texts(case)))
    vectors: dict[str, Sequence[float]] = {}
    for number, text in enumerate(texts, start=1):
        vectors[text] = embed(text)
        on_progress(number, len(texts))
    cosines = {name: _cosines(cases, vectors) for name, cases in sets.items()}
    chosen_on = Cosines(
        known=tuple(each for name in CHOSEN_ON for each in cosines[name].known),
        unknown=tuple(each for name in CHOSEN_ON for each in cosines[name].unknown),
    )
    threshold = choose(chosen_on)
    return Measured(
        embed_model=embed_model,
        threshold=threshold,
        found=cosines[JUDGED_ON].found(threshold),
        refused=cosines[JUDGED_ON].refused(threshold),
        chosen_found=chosen_on.found(threshold),
        chosen_refused=chosen_on.refused(threshold),
    )


def choose(cosines: Cosines) -> float:
    """Return the cosine, in hundredths, with the greatest sum of both shares (Youden's J); of equals the smallest."""

    def sum_of_shares(threshold: float) -> float:
        found, refused = cosines.found(threshold), cosines.refused(threshold)
        return found.hits / max(1, found.of) + refused.hits / max(1, refused.of)

    return max((step / _STEPS for step in range(_STEPS + 1)), key=lambda step: (round(sum_of_shares(step), 9), -step))


@dataclass(frozen=True, slots=True)
class _Case:
    ask: str
    answering: tuple[str, ...]
    others: tuple[str, ...]


def _read(name: str) -> list[_Case]:
    data: dict[str, Any] = json.loads((Path(__file__).parent / "questions" / f"{name}.json").read_text("utf-8"))
    cases = []
    for case in data["cases"]:
        needs = case.get("needs", [])
        if not needs:
            continue
        facts = data["people"][case["who"]]["facts"]
        near = {*needs, *case.get("may", [])}
        cases.append(
            _Case(
                ask=case["ask"],
                answering=tuple(facts[index] for index in needs),
                others=tuple(fact for index, fact in enumerate(facts) if index not in near),
            )
        )
    return cases


def _texts(case: _Case) -> tuple[str, ...]:
    return (case.ask, *case.answering, *case.others)


def _cosines(cases: Sequence[_Case], vectors: dict[str, Sequence[float]]) -> Cosines:
    def best(case: _Case, facts: Sequence[str]) -> float:
        return max(_dot(vectors[case.ask], vectors[fact]) for fact in facts)

    return Cosines(
        known=tuple(best(case, case.answering) for case in cases),
        unknown=tuple(best(case, case.others) for case in cases if case.others),
    )


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def _rate(hits: int, of: int) -> Rate:
    if not of:
        return Rate(hits=0, of=0, low=0.0, high=1.0)
    share = hits / of
    middle = (share + _Z**2 / (2 * of)) / (1 + _Z**2 / of)
    half = _Z / (1 + _Z**2 / of) * math.sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    return Rate(hits=hits, of=of, low=round(middle - half, 4), high=round(middle + half, 4))
