"""Whether a text says what another says, whoever it is said to: `I am`, `you are`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")

_PERSONS = {
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "am": "are",
    "m": "are",
    "re": "are",
}
"""First person to second, the ends of `I'm` and `you're` with them; the case of pronouns is given up."""

DISTINCT_WORDS = 4
"""Fewer words than that may be said by chance: a shorter text is looked for letter by letter alone."""


def plain(text: str) -> str:
    """Return a text's words, in small letters, without punctuation, as said to the one who said them."""
    return " ".join(_PERSONS.get(word, word) for word in _WORD.findall(text.casefold()))


def said(secrets: Iterable[str], text: str) -> list[str]:
    """Return which of the secrets a text holds: to the letter, or in other persons, cases and punctuation."""
    words = f" {plain(text)} "
    return [secret for secret in secrets if secret in text or _holds(words, plain(secret))]


def _holds(words: str, secret: str) -> bool:
    return secret.count(" ") + 1 >= DISTINCT_WORDS and f" {secret} " in words
