"""What stands around the quotes of a reply, in the language of the prompt: a file for each."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterable

USUAL = "en"
"""The language of what is said where a language has no file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The words around quotes in one language.

    Attributes:
        told: Before facts that bear on the question.
        nothing: Where nothing was told at all.
        nearest: Before the nearest fact, where none is near.
        shares_words: Before the fact that shares most words, where nobody knows what they mean.
        unsure: Before facts of which nobody can say which bears on the question.
        greeting: In answer to a greeting.
        courtesy: In answer to thanks.
        noted: Before a statement that is said back.
        noted_long: In answer to a statement that is too long for that.
        quote: A fact as it is quoted, with `{}` for its text.
        between: Between an opening and its quotes; empty where a script has no spaces.
    """

    told: str
    nothing: str
    nearest: str
    shares_words: str
    unsure: str
    greeting: str
    courtesy: str
    noted: str
    noted_long: str
    quote: str
    between: str

    def with_quotes(self, opening: str, facts: Iterable[str]) -> str:
        """An opening, and facts behind it word for word."""
        return self.between.join([opening, *(self.quote.format(fact) for fact in facts)])


@cache
def of(language: str | None) -> Frame:
    """The frame of a language, the English one where it has none."""
    return _read().get(language or USUAL) or _read()[USUAL]


@cache
def _read() -> dict[str, Frame]:
    """Every frame there is.

    Raises:
        ValueError: A file has other keys than a frame, or no text for one; with its name.
    """
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        wanted = {field.name for field in fields(Frame)}
        wrong = sorted(wanted ^ set(given))
        wrong = wrong or [
            key for key in wanted if not isinstance(given[key], str) or not (given[key] or key == "between")
        ]
        if wrong or given["quote"].count("{}") != 1:
            raise ValueError(f"{path.name}: {', '.join(wrong) or 'quote'}: missing, unknown or no text")
        found[path.stem] = Frame(**given)
    return found
