"""What nobody knows of one prompt is told by those around it, or stays unknown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from memory_samples import TURN

from showcase.bench.memory.neighbours import settled
from showcase.bench.memory.samples import Played


@pytest.mark.parametrize(
    ("before", "own", "after", "whole"),
    [
        ({}, {"read_tokens": 8198}, {"read_tokens": 8249}, True),
        ({"prompt_outcome": "cut"}, {"read_tokens": 8198}, {"read_tokens": 8249}, False),
        ({"prompt_outcome": "unknown"}, {"read_tokens": 8198}, {"read_tokens": 8249}, False),
        ({"context": 4096}, {"read_tokens": 8198}, {"read_tokens": 8249}, False),
        ({"context": None}, {"read_tokens": 8198, "context": None}, {"read_tokens": 8249, "context": None}, False),
        ({"chat_calls": 2}, {"read_tokens": 8198}, {"read_tokens": 8249}, False),
        ({}, {"read_tokens": 8198}, {"read_tokens": 8249, "chat_calls": 2}, False),
        ({}, {"read_tokens": 8198}, {"read_tokens": 8190}, False),
        ({}, {"read_tokens": 8110}, {"read_tokens": 8249}, False),
        ({}, {"read_tokens": 8198}, {"read_tokens": 8249, "context": 4096}, False),
        ({}, {"read_tokens": None}, {"read_tokens": 8249}, False),
        ({}, {"read_tokens": 8198, "chat_calls": 2}, {"read_tokens": 8249}, False),
    ],
)
def test_a_prompt_between_two_that_were_read_whole_was_read_whole(
    before: dict[str, Any], own: dict[str, Any], after: dict[str, Any], whole: bool
) -> None:
    base = replace(TURN, chat_calls=1, read_tokens=8120, context=16384, prompt_outcome="whole")
    unknown = replace(base, prompt_outcome="unknown", **own)
    turns = (replace(base, **before), unknown, replace(base, **after))
    sample = Played(turns=turns, questions=(), kept=None)
    assert settled(sample).turns[1].prompt_outcome == ("whole" if whole else "unknown")
    assert settled(sample).read_whole is whole
    assert not settled(replace(sample, turns=turns[:2])).read_whole, "the last has no turn after it"
