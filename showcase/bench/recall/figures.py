"""How well a ranking holds what a question needs; each a function of what was answered alone."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from showcase.bench.recall.asked import half
from showcase.bench.results.intervals import mcnemar, wilson
from showcase.bench.results.result import UNOBSERVED, Cell, Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.bench.recall.asked import Asked, RecallSet
    from showcase.bench.recall.taking import Answered

BOOTSTRAP = (
    "95 % interval of a bootstrap over questions (percentiles of 1,000 resamples, fixed seed); where all questions are "
    "alike, Wilson's"
)
_RESAMPLES = 1000
_SEED = 20261128
_TAIL = 0.025


def percent(key: str, title: str) -> Column:
    """Return the column of a share of questions or rows, with the one decimal that some hundred of them bear."""
    return Column(key=key, title=title, unit="share", digits=1)


def recall(rows: Sequence[int], right: frozenset[int], k: int) -> float:
    """Return how much of what is needed is among the first k rows, from 0 to 1."""
    return len(right & set(rows[:k])) / len(right)


def reciprocal_rank(rows: Sequence[int], right: frozenset[int]) -> float:
    """Return 1 / the place of the first row that is needed, 0 where none is there."""
    return next((1 / place for place, row in enumerate(rows, start=1) if row in right), 0.0)


def mean(values: Sequence[float]) -> Cell:
    """Return a mean with the interval that `BOOTSTRAP` names; a cell without a value where there is nothing.

    Source: B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
    """
    if not values:
        return UNOBSERVED
    import numpy as np  # noqa: PLC0415 - heavy

    count = len(values)
    if min(values) == max(values):
        # Every resample is the same one: 3 of 3 would read as if nothing else could come out.
        low, high = wilson(sum(values), count)
        return Cell(value=values[0], low=low, high=high, of=count)
    # `random()` of a seed is the same on every Python; the generators of numpy may change between versions.
    draw = random.Random(_SEED).random  # noqa: S311 - nothing is kept secret by it
    places = np.fromiter((int(draw() * count) for _ in range(_RESAMPLES * count)), dtype=np.int64)
    means = np.asarray(values, dtype=np.float64)[places.reshape(_RESAMPLES, count)].mean(axis=1)
    low, high = (float(each) for each in np.quantile(means, (_TAIL, 1 - _TAIL)))
    return Cell(value=sum(values) / count, low=low, high=high, of=count)


class Judged(NamedTuple):
    """A question beside what an arm answered."""

    asked: Asked
    right: frozenset[int]
    stale: frozenset[int]
    answer: Answered

    @property
    def complete(self) -> bool:
        """Whether all that is needed is among the first five rows."""
        return recall(self.answer.rows, self.right, 5) == 1

    @property
    def stale_above(self) -> bool:
        """Whether what was right once stands above what is right now."""
        places = {row: place for place, row in enumerate(self.answer.rows)}
        last = len(places)
        old = min((places.get(row, last) for row in self.stale), default=last)
        return old < min((places.get(row, last) for row in self.right), default=last)


def judged(some: RecallSet, answered: Sequence[Answered]) -> tuple[Judged, ...]:
    """Return every question that was asked beside its answer."""
    by_id = {each.question: each for each in answered}
    return tuple(
        Judged(
            asked=asked,
            right=frozenset(some.number[each] for each in asked.right),
            stale=frozenset(some.number[each] for each in asked.stale),
            answer=by_id[asked.id],
        )
        for asked in some.asked
        if asked.id in by_id
    )


def against(one: Sequence[Judged], other: Sequence[Judged]) -> tuple[int, int, int]:
    """Return of the questions that both were asked and that have an answer: how many, one alone, the other alone."""
    complete = {each.asked.id: each.complete for each in other if each.right}
    both = [(each.complete, complete[each.asked.id]) for each in one if each.right and each.asked.id in complete]
    return len(both), sum(a and not b for a, b in both), sum(b and not a for a, b in both)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return the p-values as they are after several tests.

    Source: S. Holm, A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6 (1979), 65.
    """
    adjusted: dict[str, float] = {}
    least = 0.0
    for place, name in enumerate(sorted(p_values, key=lambda each: p_values[each])):
        least = max(least, min(1.0, (len(p_values) - place) * p_values[name]))
        adjusted[name] = least
    return adjusted


def tests(pairs: Mapping[str, tuple[int, int, int]]) -> dict[str, tuple[float, float]]:
    """Return the p-value of each pair of `against`, and the same by `holm`."""
    raw = {name: mcnemar(one, other) for name, (_, one, other) in pairs.items()}
    corrected = holm(raw)
    return {name: (raw[name], corrected[name]) for name in raw}


@dataclass(frozen=True, slots=True)
class Abstention:
    """How well a score tells a question that has an answer from one that has none.

    Attributes:
        thresholds: That of each half, by which the other one is judged; None where the arm has no score.
        abstained: Questions at which the arm abstains.
        rightly: Those of them that have no answer.
        unanswerable: Questions that have none.
        asked: All questions that were judged.
        auroc: How often a question with an answer has the higher score than one without; None without scores.
    """

    thresholds: tuple[float | None, float | None]
    abstained: int
    rightly: int
    unanswerable: int
    asked: int
    auroc: float | None


def abstention(some: Sequence[Judged]) -> Abstention:
    """Judge each half of the questions by the threshold that the other half alone decides."""
    halves = tuple([each for each in some if half(each.asked.id) == side] for side in (0, 1))
    thresholds = (threshold(halves[0]), threshold(halves[1]))
    abstained = [
        each for side, one in enumerate(halves) for each in one if _abstains(each.answer, thresholds[1 - side])
    ]
    # Where nothing came back the score is below every other: a question that is left out would be none to fail at.
    known = [_score(each.answer) for each in some if each.right]
    unknown = [_score(each.answer) for each in some if not each.right]
    return Abstention(
        thresholds=thresholds,
        abstained=len(abstained),
        rightly=sum(not each.right for each in abstained),
        unanswerable=sum(not each.right for each in some),
        asked=len(some),
        auroc=_auroc(known, unknown) if any(each.answer.best is not None for each in some) else None,
    )


def threshold(some: Sequence[Judged]) -> float | None:
    """Return the score from which on a question counts as answered; None where nothing has a score.

    It has the greatest sum of both shares: answered of those with an answer, abstained of those without one (W. J.
    Youden, Index for rating diagnostic tests, Cancer 3 (1950), 32); of equal ones the smallest.
    """
    scores = sorted({each.answer.best for each in some if each.answer.best is not None})
    if not scores:
        return None
    known = [_score(each.answer) for each in some if each.right]
    unknown = [_score(each.answer) for each in some if not each.right]

    def sum_of_shares(limit: float) -> float:
        kept = sum(each >= limit for each in known) / max(1, len(known))
        return kept + sum(each < limit for each in unknown) / max(1, len(unknown))

    return max(scores, key=lambda limit: (round(sum_of_shares(limit), 9), -limit))


def _abstains(answer: Answered, limit: float | None) -> bool:
    """Tell whether nothing comes back, or nothing good enough; an arm without a score never abstains otherwise."""
    return answer.returned == 0 or (limit is not None and _score(answer) < limit)


def _score(answer: Answered) -> float:
    return float("-inf") if answer.best is None else answer.best


def _auroc(known: Sequence[float], unknown: Sequence[float]) -> float | None:
    if not known or not unknown:
        return None
    won = sum((a > b) + (a == b) / 2 for a in known for b in unknown)
    return won / (len(known) * len(unknown))
