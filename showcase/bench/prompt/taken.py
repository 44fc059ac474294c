"""The samples that there are, as the figures need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.bench.results.intervals import mcnemar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.bench.prompt.samples import Grown, Pair, PromptSample, Replied, Step

SURE = 0.05
"""A p-value below it counts as a difference."""


def replied(taken: Mapping[Step, PromptSample], arm: str, task: str | None = None) -> dict[tuple[str, int], Replied]:
    """Return the replies of an arm, by task and seed; of all tasks where none is named."""
    return {
        (step.group, step.number): sample.replied
        for step, sample in taken.items()
        if sample.replied and step.arm == arm and task in (None, step.group)
    }


def grown(taken: Mapping[Step, PromptSample], arm: str) -> dict[int, Grown]:
    """Return an arm's samples of the growing conversation, by turns."""
    found = {step.number: sample.grown for step, sample in taken.items() if sample.grown and step.arm == arm}
    return dict(sorted(found.items()))


def pairs(taken: Mapping[Step, PromptSample], order: str) -> dict[int, Pair]:
    """Return the pairs of turns of an order, by number."""
    return {step.number: sample.pair for step, sample in taken.items() if sample.pair and step.arm == order}


def known(values: Sequence[float | None]) -> list[float]:
    """Leave out what was not observed."""
    return [value for value in values if value is not None]


def ms(seconds: float | None) -> float | None:
    """Return milliseconds."""
    return None if seconds is None else seconds * 1000


def both(
    first: Mapping[tuple[str, int], Replied], second: Mapping[tuple[str, int], Replied]
) -> tuple[dict[tuple[str, int], Replied], dict[tuple[str, int], Replied]]:
    """Return the replies to what both arms were asked: medians of other runs are not to be compared."""
    return (
        {key: each for key, each in first.items() if key in second},
        {key: each for key, each in second.items() if key in first},
    )


class Paired:
    """Two arms on the same tasks and seeds: how often one alone had it, and the exact p-value of that.

    With a share it is McNemar's test; with lower figures it is the sign test, which is the same sum.

    Attributes:
        pairs: How many both answered.
        first: Pairs that the first alone won.
        second: Pairs that the second alone won.
    """

    def __init__(
        self,
        first: Mapping[tuple[str, int], Replied],
        second: Mapping[tuple[str, int], Replied],
        wins: Callable[[Replied, Replied], bool],
    ) -> None:
        pairs = [(first[key], second[key]) for key in first if key in second]
        self.pairs = len(pairs)
        self.first = sum(wins(one, other) for one, other in pairs)
        self.second = sum(wins(other, one) for one, other in pairs)

    @property
    def p(self) -> float:
        """Two-sided and exact."""
        return mcnemar(self.first, self.second)

    @property
    def winner(self) -> int:
        """1 or 2 for the arm that is better, 0 where it cannot be told."""
        if self.p >= SURE:
            return 0
        return 1 if self.first > self.second else 2


def parses(one: Replied, other: Replied) -> bool:
    """Whether the last reply of the one alone is strictly what was contracted."""
    return one.final.parsed and not other.final.parsed


def parses_leniently(one: Replied, other: Replied) -> bool:
    """Whether the last reply of the one alone is, fences taken off."""
    return one.final.lenient and not other.final.lenient


def sooner(one: Replied, other: Replied) -> bool:
    """Whether the one's first token came earlier; where one of them paid for loading the model, neither did."""
    if one.prompt.loaded or other.prompt.loaded:
        return False
    first, second = one.prompt.ttft_s, other.prompt.ttft_s
    return first is not None and second is not None and first < second


def faster(one: Replied, other: Replied) -> bool:
    """Whether the one was through earlier, retry included; one without an answer that ended was not through.

    Where one of them paid for loading the model, neither was.
    """
    return one.ended and one.total_s < other.total_s and not (one.prompt.loaded or other.prompt.loaded)
