"""What only asks is told from what tells something."""

from __future__ import annotations

import pytest

from showcase.memory.questions import only_asks


@pytest.mark.parametrize(
    "text",
    [
        "Where do I live?",
        "Where? And when?",
        "  What is it?  ",
        "Really?!?",
        "你住在哪里\uff1f",
        "أين أعيش؟",
        "(Is it?)",
        "“Is it?”",
    ],
)
def test_it_only_asks(text: str) -> None:
    assert only_asks(text)


@pytest.mark.parametrize(
    "text",
    ["I live in Turin", "I live in Turin. Do you?", "Is it? It is.", "", "?", "???", "Where do I live", "a? b! c?"],
)
def test_it_tells_something_or_nothing(text: str) -> None:
    assert not only_asks(text)
