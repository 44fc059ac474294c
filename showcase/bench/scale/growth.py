"""How a figure grows with the number of rows: the exponent of a power, by least squares of the logarithms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
"""Two-sided 95 % of Student's t by degrees of freedom from 1 on (W. S. Gosset, Biometrika 6 (1908), 1); the last is
taken for more of them too, which makes an interval wider and never narrower."""

_ENOUGH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One figure: of a store of so many rows and users."""

    rows: int
    users: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What was fitted.

    Attributes:
        slope: The figure grows as the number of rows to this power: 0 not at all, 1 in proportion.
        low: The lower end of the slope's 95 % interval; None where as many parameters as points leave none.
        high: Its upper end.
        r2: Share of the variance of the logarithms within a number of users that the slope accounts for; None where
            they do not vary, or the points leave nothing that it could fail to account for.
        last: The slope between the two greatest sizes alone, the mean over the numbers of users: where a fixed cost
            hides the growth of the small sizes, this is steeper.
        points: How many figures.
    """

    slope: float
    low: float | None
    high: float | None
    r2: float | None
    last: float
    points: int


def fit(seen: Sequence[Seen]) -> Growth | None:
    """Return the slope that all numbers of users have in common, each at a height of its own.

    Returns:
        None where no number of users was measured at two sizes.
    """
    import numpy as np  # noqa: PLC0415 - heavy

    held: dict[int, list[Seen]] = {}
    for each in sorted(seen, key=lambda it: it.rows):
        if each.value > 0:
            held.setdefault(each.users, []).append(each)
    groups = [some for some in held.values() if len({each.rows for each in some}) >= _ENOUGH]
    if not groups:
        return None
    points = [(at, math.log(each.rows), math.log(each.value)) for at, some in enumerate(groups) for each in some]
    design = np.array([[x, *(float(at == group) for group in range(len(groups)))] for at, x, _ in points])
    logs = np.array([y for _, _, y in points])
    solved = np.linalg.lstsq(design, logs, rcond=None)[0]
    slope = float(solved[0])
    lost = float(np.sum((logs - design @ solved) ** 2))
    heights = [np.array([y for at, _, y in points if at == group]) for group in range(len(groups))]
    places = [np.array([x for at, x, _ in points if at == group]) for group in range(len(groups))]
    varied = sum(float(np.sum((some - some.mean()) ** 2)) for some in heights)
    wide = sum(float(np.sum((some - some.mean()) ** 2)) for some in places)
    free = len(points) - len(groups) - 1
    half = _STUDENT[min(free, len(_STUDENT)) - 1] * math.sqrt(lost / free / wide) if free > 0 else None
    lasts = [math.log(some[-1].value / some[-2].value) / math.log(some[-1].rows / some[-2].rows) for some in groups]
    return Growth(
        slope=slope,
        low=None if half is None else slope - half,
        high=None if half is None else slope + half,
        r2=1 - lost / varied if free > 0 and varied > 0 else None,
        last=sum(lasts) / len(lasts),
        points=len(points),
    )


def calculated(growth: Growth, last: Seen, rows: int) -> tuple[float, float, float]:
    """Return what the slope gives for so many rows from the greatest measured store on, with the least and the most.

    The least and the most are those of the slope, of its interval, and of the slope between the two greatest sizes.
    """
    slopes = [each for each in (growth.slope, growth.low, growth.high, growth.last) if each is not None]
    times = rows / last.rows
    return last.value * times**growth.slope, last.value * times ** min(slopes), last.value * times ** max(slopes)
