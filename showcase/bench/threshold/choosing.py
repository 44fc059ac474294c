"""Which cosine is chosen: nothing but the sets that it is chosen on has a say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from showcase.bench.threshold.sample import Cosines

_STEPS = 100

THRESHOLDS = tuple(step / _STEPS for step in range(_STEPS + 1))


@dataclass(frozen=True, slots=True)
class Questions:
    """Cosines of questions: the best fact that answers, and the best that does not, one of each a question."""

    known: tuple[float, ...]
    unknown: tuple[float, ...]

    def found(self, threshold: float) -> int:
        """Return how many are found that are known."""
        return sum(cosine >= threshold for cosine in self.known)

    def refused(self, threshold: float) -> int:
        """Return how many are refused that are not known."""
        return sum(cosine < threshold for cosine in self.unknown)


def questions(cosines: Iterable[Cosines]) -> Questions:
    """Return them with those that have no other fact on one side alone."""
    there = tuple(cosines)
    return Questions(
        known=tuple(each.known for each in there),
        unknown=tuple(each.unknown for each in there if each.unknown is not None),
    )


def choose(asked: Questions) -> float | None:
    """Return the cosine, in hundredths, with the greatest sum of both shares; of equals the smallest.

    Source: W. J. Youden, Index for rating diagnostic tests, Cancer 3 (1950), 32.

    Returns:
        None where one of the two sides was not asked at all.
    """
    if not asked.known or not asked.unknown:
        return None

    def sum_of_shares(threshold: float) -> float:
        return asked.found(threshold) / len(asked.known) + asked.refused(threshold) / len(asked.unknown)

    return max(THRESHOLDS, key=lambda threshold: (round(sum_of_shares(threshold), 9), -threshold))
