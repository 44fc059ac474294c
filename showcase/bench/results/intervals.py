"""How sure a figure is: intervals of shares, and tests of one arm against another on the same questions."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

from showcase.bench.results.result import UNOBSERVED, Cell

if TYPE_CHECKING:
    from collections.abc import Iterable

CONFIDENCE = 0.95
WILSON = "95 % Wilson interval"
SPREAD = "least and most"
P_DIGITS = 3
"""Of a p-value, in sentences and in tables."""


def wilson(found: float, of: int) -> tuple[float, float]:
    """Return the ends of the interval of a share, each from 0 to 1; (0, 1) where nothing was asked.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), 209.
    Unlike the normal approximation it says something at 0 of n and at n of n.

    Args:
        found: How many of them; of values from 0 to 1 their sum, of which the interval is then wider than it need be.
        of: How many were asked.
    """
    if not of:
        return 0.0, 1.0
    z = statistics.NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    share = found / of
    scale = 1 + z * z / of
    middle = (share + z * z / (2 * of)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    low = 0.0 if found == 0 else max(0.0, middle - half)
    high = 1.0 if found == of else min(1.0, middle + half)
    return low, high


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided exact p-value of two arms on the same questions: from 0 to 1.

    Source: Q. McNemar, Note on the sampling error of the difference between correlated proportions, Psychometrika 12
    (1947), 153, by the exact binomial distribution in place of its approximation.

    Args:
        only_first: Questions that the first arm alone got right.
        only_second: Questions that the second arm alone got right.
    """
    differing = only_first + only_second
    if not differing:
        return 1.0
    fewer = min(only_first, only_second)
    tail = sum(math.comb(differing, k) for k in range(fewer + 1))
    # Whole numbers to the last: past 1,023 questions neither is a double.
    return min(1.0, 2 * tail / (1 << differing))


def p_of(p: float) -> str:
    """Return a p-value in words; a small one does not read as none."""
    least = 10.0**-P_DIGITS
    return f"p < {least:.{P_DIGITS}f}" if p < least else f"p = {p:.{P_DIGITS}f}"


def share(found: int, of: int) -> Cell:
    """Return a share with its interval; a cell without a value where nothing was asked."""
    if not of:
        return UNOBSERVED
    low, high = wilson(found, of)
    return Cell(value=found / of, low=low, high=high, of=of)


def share_of(found: Iterable[bool]) -> Cell:
    """Return the share of what is true, with its interval; a cell without a value where there is nothing."""
    each = tuple(found)
    return share(sum(each), len(each))


def p95(values: Iterable[float]) -> Cell:
    """Return the 95th percentile by the nearest rank; a cell without a value where there is none."""
    ordered = sorted(values)
    if not ordered:
        return UNOBSERVED
    return Cell(value=ordered[math.ceil(0.95 * len(ordered)) - 1], of=len(ordered))


def median(values: Iterable[float | None]) -> Cell:
    """Return the median with the least and the most; a cell without a value where there is none.

    What is None was not observed, and is left out. One sample has no spread that could be shown.
    """
    there = [value for value in values if value is not None]
    if not there:
        return UNOBSERVED
    if len(there) == 1:
        return Cell(value=there[0], of=1)
    return Cell(value=statistics.median(there), low=min(there), high=max(there), of=len(there))
