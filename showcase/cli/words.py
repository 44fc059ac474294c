"""Text from elsewhere, made safe and short for a terminal."""

from __future__ import annotations

import shutil
import sys
import textwrap

SHOWN = 300
"""Characters of a memory or reply that a terminal shows; the log and the page hold all."""


def printable(text: str) -> str:
    """Return `text` with control, format and bidi characters shown as escapes, so that none reaches a terminal."""
    return "".join(
        character if character.isprintable() or character == "\n" else ascii(character)[1:-1] for character in text
    )


def one_line(text: str, limit: int | None = None) -> str:
    """Return `text` printable, on one line, cut to `limit` characters where one is given."""
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    return printable(" ⏎ ".join(text.splitlines()) if "\n" in text or "\r" in text else text)


def fitted(line: str) -> str:
    """Return `line` broken between words where stdout is a terminal that is narrower; else as it is."""
    if not sys.stdout.isatty():
        return line
    width = max(40, shutil.get_terminal_size().columns)
    parts = textwrap.wrap(
        line, width, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False, replace_whitespace=False
    )
    return "\n".join(parts)
