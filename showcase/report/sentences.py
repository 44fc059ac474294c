"""Sentences that hold names, programs and places of the log, each of which the page marks as what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.evidence import Status
from showcase.report.text import counted

if TYPE_CHECKING:
    from showcase.report.names import Name

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence. `kind` is empty for words of this program, `user`, `id` or `exact` for the log's."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, and the status of what it states."""

    status: Status
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The sentence without what its parts are; an id that is no name is quoted."""
        return "".join(f"“{part.text}”" if part.kind == "id" else part.text for part in self.parts)


def sentence(status: Status, words: str, *parts: Part) -> Sentence:
    """Return a sentence in whose words each `{}` stands for a part, the first letter of all a capital."""
    pieces = words.split("{}")
    together: list[Part] = []
    for piece, part in zip(pieces, (*parts, None), strict=True):
        together += [Part(piece)] * bool(piece) + ([part] if part is not None else [])
    first = together[0]
    if not first.kind:
        together[0] = Part(first.text[:1].upper() + first.text[1:])
    return Sentence(status, tuple(together))


def user(name: Name) -> Part:
    """Return a user within a sentence."""
    return Part(name.text, name.kind)


def in_words(number: int) -> str:
    """Return a number as a word up to twelve."""
    return _NUMBERS[number] if 0 < number < len(_NUMBERS) else f"{number:,}"


def some(number: int, noun: str, plural: str | None = None) -> str:
    """Return `one thing`, `four things`, `10,000 things`."""
    return f"{in_words(number)} {counted(number, noun, plural).partition(' ')[2]}"
