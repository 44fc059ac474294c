"""Text from elsewhere, made safe and short for a terminal."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.settings import SESSION_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def this_program() -> str:
    """Return how to call this program from here: by name where that finds it, else by its path."""
    script = shutil.which("showcase", path=str(Path(sys.executable).parent))
    if script is None:
        return "python -m showcase"
    if shutil.which("showcase") == script:
        return "showcase"
    here = Path.cwd()
    return str(Path(script).relative_to(here)) if Path(script).is_relative_to(here) else script


_LONGER = re.compile(rf"{SESSION_TIMEOUT} [0-9.e+]+")

_CALL = re.compile(r"(?<![\w./=-])showcase(?= (?:run|verify|report|engine|models|doctor|audit|drill|bench) )")


def as_typed(hint: str) -> str:
    """Return a hint with the commands of this program as they can be typed here."""
    return _CALL.sub(lambda _: this_program(), hint)


def with_option(hint: str, arguments: Sequence[str]) -> str:
    """Return a hint that names `--session-timeout` with the whole command that was typed, and that option in it.

    Args:
        hint: With the option and its value, as `settings.longer` gives it.
        arguments: What was typed after the program's name.
    """
    asked = _LONGER.search(hint)
    if asked is None or not arguments:
        return hint
    kept, skip = [], False
    for argument in arguments:
        named = argument == SESSION_TIMEOUT
        if not (named or skip or argument.startswith(f"{SESSION_TIMEOUT}=")):
            kept.append(argument)
        skip = named
    command = shlex.join([this_program(), *kept])
    return f"{hint[: asked.start()]}{command} {asked[0]}{hint[asked.end() :]}"


def fitted(line: str) -> str:
    """Return `line` broken between words where stdout is a terminal that is narrower; else as it is."""
    if not sys.stdout.isatty():
        return line
    width = max(40, shutil.get_terminal_size().columns)
    parts = textwrap.wrap(
        line, width, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False, replace_whitespace=False
    )
    return "\n".join(parts)
