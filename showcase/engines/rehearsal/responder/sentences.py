"""Cuts text into sentences."""

from __future__ import annotations

import re

_CLOSERS = "\"'”’»)\\]"  # noqa: RUF001 - the typographic quotation mark is meant
_END = re.compile(
    rf"""(?<=[.!?…])[{_CLOSERS}]*\s+(?=[^\sa-z])      # Latin and kin: a mark, space, no small letter
      |  (?<=[。！？؟।])[」』”]?\s*                     # scripts whose marks need no space
    """,  # noqa: RUF001 - the full-width marks are meant
    re.VERBOSE,
)
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:Dr|Mr|Mrs|Ms|St|Prof|No|vs|etc|e\.g|i\.e|a\.m|p\.m|[A-Z])\.$")


def split(text: str) -> list[str]:
    """The sentences of a text, stripped; line breaks end sentences too."""
    found: list[str] = []
    for line in text.splitlines():
        start = 0
        for match in _END.finditer(line):
            if _ABBREVIATION.search(line[start : match.start()]):
                continue
            found.append(line[start : match.end()].strip())
            start = match.end()
        found.append(line[start:].strip())
    return [sentence for sentence in found if any(character.isalnum() for character in sentence)]
