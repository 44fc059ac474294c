"""Which words of a reply are told from which memory, so that the page can give both the same colour.

Told by words, as `claims.reply_use` does: an observation, and no verdict.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from showcase.claims.wording import telling, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile("[.!?\n\u2026\u3002\uff01\uff1f]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a reply, and the memory that it is told from; None for what is told from none."""

    text: str
    memory: int | None = None


@dataclass(slots=True)
class _Unit:
    """A word, or a character of a script without spaces: its place, and the terms that it may be part of."""

    begin: int
    end: int
    terms: frozenset[str]
    little: bool
    memory: int | None = None


def marked(reply: str, used: Mapping[int, Iterable[str]]) -> tuple[Piece, ...]:
    """Return a reply in pieces.

    Args:
        reply: The text, or the beginning of it.
        used: Number of each memory that the reply uses, and the terms by which that was told.
    """
    terms = {number: frozenset(of_it) for number, of_it in used.items()}
    units = _units(reply)
    for together in _sentences(reply, units):
        hits = Counter(number for unit in together for number, known in terms.items() if unit.terms & known)
        for unit in together:
            fits = [number for number, known in terms.items() if unit.terms & known]
            unit.memory = max(fits, key=lambda number: hits[number], default=None)
    return _pieces(reply, _spans(reply, units))


def quoted(reply: str, memories: Mapping[int, str]) -> tuple[Piece, ...]:
    """Return a reply in pieces where it holds a memory to the letter, as a redacted one does."""
    spans = [
        (at, at + len(text), number) for number, text in memories.items() if text and (at := reply.find(text)) >= 0
    ]
    apart: list[tuple[int, int, int]] = []
    for span in sorted(spans):
        if not apart or span[0] >= apart[-1][1]:
            apart.append(span)
    return _pieces(reply, apart)


def _units(reply: str) -> list[_Unit]:
    units: list[_Unit] = []
    for match in _WORD.finditer(reply):
        found = words(match.group())
        if len(found) > 1 and len(found) == len(match.group()):
            units += _characters(found, match.start())
        else:
            forms = {form for word in found for form in (word, word.removesuffix("s"))}
            little = not any(telling(word) for word in found)
            units.append(_Unit(match.start(), match.end(), frozenset(forms), little))
    return units


def _characters(found: list[str], start: int) -> list[_Unit]:
    """Return characters of a script without spaces, which are compared in pairs."""
    pairs = ["", *(one + other for one, other in pairwise(found)), ""]
    return [
        _Unit(start + n, start + n + 1, frozenset((pairs[n], pairs[n + 1])), little=False) for n in range(len(found))
    ]


def _sentences(reply: str, units: list[_Unit]) -> list[list[_Unit]]:
    groups: list[list[_Unit]] = []
    for number, unit in enumerate(units):
        if not number or _SENTENCE_END.search(reply, units[number - 1].end, unit.begin):
            groups.append([])
        groups[-1].append(unit)
    return groups


def _spans(reply: str, units: list[_Unit]) -> list[tuple[int, int, int]]:
    """Join the words of one memory where nothing but little words stands between them."""
    spans: list[tuple[int, int, int]] = []
    joinable = False
    for unit in units:
        if unit.memory is None:
            joinable = joinable and unit.little
            continue
        last = spans[-1] if spans else None
        if last and joinable and last[2] == unit.memory and not _SENTENCE_END.search(reply, last[1], unit.begin):
            spans[-1] = (last[0], unit.end, unit.memory)
        else:
            spans.append((unit.begin, unit.end, unit.memory))
        joinable = True
    return spans


def _pieces(reply: str, spans: list[tuple[int, int, int]]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    at = 0
    for begin, end, number in spans:
        pieces += [Piece(reply[at:begin])] * (begin > at)
        pieces.append(Piece(reply[begin:end], number))
        at = end
    return (*pieces, *([Piece(reply[at:])] * (at < len(reply))))
