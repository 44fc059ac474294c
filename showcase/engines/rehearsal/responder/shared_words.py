"""How many words a question and a fact share, in languages of which no vectors know what a word means.

A word counts as shared where it is the same, differs in its ending, or stands inside a longer one, as in German
compounds; where words are not set apart by spaces, a Han character or a run of katakana counts as one. Hiragana are
mostly endings and particles, and say nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.languages.function_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff]"  # a Han character is a word
    r"|[\u30a0-\u30ff]+"  # katakana
    r"|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+|\d+"
)
_INFLECTS = 4
"""Letters from which on a word may have an ending, or be part of another one."""

_SAME_BEGINNING = 0.6
"""Share of the longer of two words that they must begin with alike, to be forms of one."""

_PART = 0.7
"""What a word counts for that is part of another one."""

_LONGEST_QUESTION = 48
"""Words of a question that count, its last ones."""


def shares(question: str, facts: Sequence[str], language: str) -> list[float]:
    """Return, for each fact, which part of the question's words it shares, 0 to 1."""
    asked = _content(question, language)[-_LONGEST_QUESTION:]
    told = [_content(fact, language) for fact in facts]
    if not asked:
        return [0.0] * len(told)
    return [
        sum(max((_near(word, other) for other in words), default=0.0) for word in asked) / len(asked) for words in told
    ]


def _content(text: str, language: str) -> list[str]:
    little = WORDS.get(language, frozenset())
    return list(dict.fromkeys(word for word in map(str.casefold, _WORD.findall(text)) if word not in little))


def _near(word: str, other: str) -> float:
    if word == other:
        return 1.0
    shorter, longer = sorted((word, other), key=len)
    if len(shorter) < _INFLECTS:
        return 0.0
    alike = next((at for at, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if alike >= _SAME_BEGINNING * len(longer):
        return 1.0
    return _PART if shorter in longer else 0.0
