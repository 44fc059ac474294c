"""What nobody knows of one prompt is told by those around it, or stays unknown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from showcase.bench.memory.neighbours import settled
from showcase.bench.memory.playing import Played, PlayedTurn, Read
from showcase.bench.memory.sections import judged

TURN = PlayedTurn(
    chat_calls=1,
    embed_calls=3,
    read_tokens=8000,
    written_tokens=50,
    read_s=4.0,
    search_s=0.1,
    store_s=5.0,
    prompt=Read(tokens=150, read_s=0.1),
    tells=True,
    prompt_outcome="whole",
    context=16384,
    added=1,
)


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
    assert judged(settled(sample)) is whole
    assert not judged(settled(replace(sample, turns=turns[:2]))), "the last has no turn after it"
