"""Whether a prompt of which nobody knows was cut, by those of the turns before and after it.

A count near half of the context is also what some servers leave of a prompt that was longer than all of it. An
extraction's prompt grows by what was said and stored since the turn before: one whose count lies between those of two
that were read whole, in the same context, would have had to be twice as long as both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.memory.samples import Played, PlayedTurn


def settled(sample: Played) -> Played:
    """Return a play in which such a prompt counts as whole; whatever else nobody knows stays unknown."""
    turns = tuple(
        replace(turn, prompt_outcome="whole")
        if turn.prompt_outcome == "unknown" and _enclosed(sample.turns, number)
        else turn
        for number, turn in enumerate(sample.turns)
    )
    return replace(sample, turns=turns)


def _enclosed(turns: Sequence[PlayedTurn], number: int) -> bool:
    if not 0 < number < len(turns) - 1:
        return False
    before, turn, after = turns[number - 1 : number + 2]
    if not before.prompt_outcome == after.prompt_outcome == "whole":
        return False
    if turn.context is None or not before.context == turn.context == after.context:
        return False
    if not before.chat_calls == turn.chat_calls == after.chat_calls == 1:
        return False
    counts = (before.read_tokens, turn.read_tokens, after.read_tokens)
    return all(count is not None for count in counts) and list(counts) == sorted(each or 0 for each in counts)
