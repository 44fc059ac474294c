"""Text from elsewhere, made safe and short for a terminal."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from pathlib import Path

from showcase.advice import printable, quoted
from showcase.cli.table import COMMANDS

__all__ = ["as_typed", "fitted", "one_line", "printable", "this_program"]

SHOWN = 300
"""Characters of a memory or reply that a terminal shows; the log and the page hold all."""


def one_line(text: str, limit: int | None = None) -> str:
    """Return `text` printable, on one line, cut to `limit` characters where one is given."""
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    return printable(" ⏎ ".join(text.splitlines()) if "\n" in text or "\r" in text else text)


def this_program() -> str:
    """Return how to call this program from here: by name where that finds it, else by its path, for a shell."""
    script = shutil.which("showcase", path=str(Path(sys.executable).parent))
    if script is None:
        return f"{quoted(Path(sys.executable))} -m showcase"
    if shutil.which("showcase") == script:
        return "showcase"
    here = Path.cwd()
    # A name without a slash would be looked for on PATH.
    near = Path(script).is_relative_to(here) and Path(script).parent != here
    return quoted(Path(script).relative_to(here) if near else Path(script))


_CALL = re.compile(rf"(?<![\w./=-])showcase(?= (?:--verbose )?(?:{'|'.join(COMMANDS)})\b)")


def as_typed(hint: str) -> str:
    """Return a hint with the commands of this program as they can be typed here."""
    return _CALL.sub(lambda _: this_program(), hint)


def fitted(line: str) -> str:
    """Return `line` broken between words where stdout is a terminal that is narrower; else as it is."""
    if not sys.stdout.isatty():
        return line
    width = max(40, shutil.get_terminal_size().columns)
    parts = textwrap.wrap(
        line, width, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False, replace_whitespace=False
    )
    return "\n".join(parts)
