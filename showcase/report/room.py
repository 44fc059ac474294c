"""How much paper a text takes, and what of it fits.

Nobody knows which letters a machine prints with. The estimate is that of a wide typeface (DejaVu Sans at 8 pt), so that
others leave more white and never another page.
"""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING, TypeVar

from showcase.report.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Item = TypeVar("_Item")

LINE = 104
"""Small letters in a line of a page, beside the label that stands before it."""

_NARROW = frozenset("fijklrtI .,:;'|!()[]/-")
_WIDE, _CHARACTER_WIDTH = 1.75, 1.08


def width(text: str) -> float:
    """Return how long a text is, in small letters."""
    return sum(map(_width, text))


def _width(character: str) -> float:
    if character == "\n":
        return LINE
    if character in _NARROW:
        return 0.8
    if character.isupper() or character in "mwMW@%—" or unicodedata.east_asian_width(character) in "WFA":
        return _WIDE
    return _CHARACTER_WIDTH if character.isascii() else _WIDE


def lines(text: str, line: int = LINE) -> int:
    """Return how many lines a text takes."""
    return max(1, math.ceil(width(text) / line))


def cut(text: str, room: float) -> str:
    """Return the beginning of a text that is no longer than `room` small letters, with what is invisible spelled out.

    An ellipsis stands where something was left off.
    """
    whole = plain(text[: math.ceil(room * 2)])
    used = 0.0
    for place, character in enumerate(whole):
        used += _width(character)
        if used > room:
            return whole[:place].rstrip() + "…"
    return whole if len(text) <= math.ceil(room * 2) else whole.rstrip() + "…"


def fitting(items: Sequence[_Item], room: float, cost: Callable[[_Item], float]) -> tuple[tuple[_Item, ...], int]:
    """Return the items that fit whole into the room, in their order, and how many do not."""
    shown = []
    for item in items:
        needed = cost(item)
        if needed <= room:
            shown.append(item)
            room -= needed
    return tuple(shown), len(items) - len(shown)
