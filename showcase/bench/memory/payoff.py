"""After which turn a memory pays for itself, or that it never does: calculated from what was measured.

Against storing what was said as it is, nothing accumulates: extraction costs the same at each turn, and saves the same
at each turn, so that it pays from the first one or never. Against the whole history in every prompt the saving grows:
the n-th prompt has what n - 1 turns added, all prompts up to it `h * n * (n - 1) / 2`; a memory costs `n * c`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from showcase.evidence.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Payoff(Fact):
    """When a memory pays for itself.

    Attributes:
        cost: Per turn, for it.
        saving: Per turn where it does not grow, else what each turn adds to it.
        turn: The first after which all that was saved is at least all that was paid; None for never.
    """

    cost: float
    saving: float
    turn: int | None


def against_raw(cost: float, *, recalled_raw: float, recalled: float) -> Payoff:
    """Compare extraction with storing what was said as it is.

    Args:
        cost: What extraction takes a turn beyond that.
        recalled_raw: Prompt in which rows stand as they were said.
        recalled: Prompt in which extracted rows stand.
    """
    saving = recalled_raw - recalled
    return Payoff(cost=cost, saving=saving, turn=1 if saving >= cost and (saving > 0 or cost < 0) else None)


def against_history(cost: float, *, growth: float) -> Payoff:
    """Compare a memory with the whole history in every prompt.

    Args:
        cost: What the memory takes a turn: its calls, and the rows in the prompt.
        growth: What each turn adds to every later prompt.
    """
    if growth <= 0:
        return Payoff(cost=cost, saving=growth, turn=None)
    # The least whole n with growth * n * (n - 1) / 2 >= n * cost.
    return Payoff(cost=cost, saving=growth, turn=max(1, math.ceil(2 * cost / growth + 1)))
