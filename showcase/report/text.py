"""Text from the run log, made safe to look at.

Escaping keeps hostile text from being markup. It does not keep it from reordering the line it stands in, from
hiding in it or from ending it early: bidirectional controls, format characters, tag characters, NUL and
escape sequences. These are shown as the code points they are.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN_CHARACTERS = 20_000
"""A text is shown up to here; what is longer is whole in the embedded log alone."""

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 and C1 controls but tab and line feed
    "\u00ad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff"  # surrogates cannot be encoded at all
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]"
    "|(?<![\u0600-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc"  # Arabic to Myanmar, Khmer, Mongolian
    "\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
)
"""Joiners stay where they belong: after a letter of a script that joins, and inside an emoji."""

_CONTROL_NAMES = {
    0x00: "NULL",
    0x07: "BELL",
    0x08: "BACKSPACE",
    0x0D: "CARRIAGE RETURN",
    0x1B: "ESCAPE",
    0x7F: "DELETE",
}


def code_point(character: str) -> str:
    """Return `U+202E` for a character."""
    return f"U+{ord(character):04X}"


def code_point_name(character: str) -> str:
    """Return the character's Unicode name; control characters, which have none, get their usual one."""
    return unicodedata.name(character, _CONTROL_NAMES.get(ord(character), "CONTROL CHARACTER"))


def plain(text: str) -> str:
    """Return `text` with each invisible character spelled out, for places that take no markup."""
    return _INVISIBLE.sub(lambda match: f"\u27e8{code_point(match.group())}\u27e9", text)


def visible(text: str) -> Markup:
    """Return `text` as markup in which each invisible character is a labelled element."""
    return Markup("").join(_pieces(text))


def _pieces(text: str) -> Iterator[Markup]:
    position = 0
    for match in _INVISIBLE.finditer(text):
        yield escape(text[position : match.start()])
        character = match.group()
        yield Markup('<span class="cp" title="{}">{}</span>').format(code_point_name(character), code_point(character))
        position = match.end()
    yield escape(text[position:])


def clipped(text: str, characters: int) -> str:
    """Return the beginning of `text`, with an ellipsis where something was left off."""
    return text if len(text) <= characters else text[:characters].rstrip() + "…"


def brief(text: str, characters: int = 160) -> Markup:
    """Return the beginning of a text that is a name or a note, as `visible` does."""
    return visible(clipped(text, characters))


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 row`, `2 rows`, `10,000 rows`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(items: tuple[str, ...] | list[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def size(count: int | None) -> str:
    """Return a count of bytes in the largest unit of 1024 that leaves at least one, with two digits or more."""
    if count is None:
        return "not recorded"
    amount = float(count)
    unit = "B"
    for larger in ("KiB", "MiB", "GiB"):
        if abs(amount) < 1024:  # noqa: PLR2004 - the step between the units
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.1f} {unit}" if unit != "B" and abs(amount) < 9.95 else f"{amount:,.0f} {unit}"  # noqa: PLR2004 - two digits


def seconds(moment: float | None) -> str:
    """Return a moment or a duration with the digits that mean something: `0 s`, `340 ms`, `8.2 s`, `75 s`, `2,400 s`.

    Processes are started and looked at within milliseconds, and what a whole run takes differs by tenths.
    """
    if moment is None:
        return "not recorded"
    if not moment:
        return "0 s"
    if abs(moment) < 0.9995:  # noqa: PLR2004 - what rounds to less than a second
        return milliseconds(moment)
    return f"{moment:.1f} s" if abs(moment) < 59.95 else f"{moment:,.0f} s"  # noqa: PLR2004 - a minute


def milliseconds(moment: float | None) -> str:
    """Return a moment or a duration in whole milliseconds: `1,234 ms`."""
    return "not recorded" if moment is None else f"{moment * 1000:,.0f} ms"


def two_digits(number: float) -> str:
    """Return a cosine, a distance or a score with two digits behind the point, and a true minus."""
    return f"{number:.2f}".replace("-", "\u2212")
