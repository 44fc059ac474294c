"""Text from elsewhere, made safe and short for a terminal."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from showcase import shell
from showcase.cli.table import COMMANDS
from showcase.documents import resources
from showcase.settings import SESSION_TIMEOUT
from showcase.shell.advice import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["as_typed", "fitted", "harmless", "one_line", "printable", "this_program"]

SHOWN = 300
"""Characters of a memory or reply that a terminal shows; the log and the page hold all."""


def one_line(text: str, limit: int | None = None) -> str:
    """Return `text` printable, on one line, cut to `limit` characters where one is given."""
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    return printable(" ⏎ ".join(text.splitlines()) if "\n" in text or "\r" in text else text)


_TAB = "    "


def harmless(text: str) -> str:
    """Return text of several lines without what a terminal would obey: line ends stay, the rest is shown escaped."""
    return printable(text.replace("\r\n", "\n").replace("\t", _TAB))


def this_program() -> str:
    """Return how to call this program from here: by name where that finds it, else by its path, for a shell."""
    script = shutil.which("showcase", path=str(Path(sys.executable).parent))
    if script is None:
        return f"{shell.here().program(Path(sys.executable))} -m showcase"
    if shutil.which("showcase") == script:
        return "showcase"
    here = resources.working_directory()
    # A name without a slash would be looked for on PATH.
    if here is not None and Path(script).is_relative_to(here) and Path(script).parent != here:
        return shell.here().program(Path(script).relative_to(here))
    return shell.here().program(Path(script))


_LONGER = re.compile(rf"{SESSION_TIMEOUT} [0-9.e+]+")

_CALL = re.compile(rf"(?<![\w./=-])showcase(?= (?:--verbose )?(?:{'|'.join(COMMANDS)})\b)")


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
    command = f"{this_program()} {shell.here().joined(kept)}"
    return f"{hint[: asked.start()]}{command} {asked[0]}{hint[asked.end() :]}"


_ROOM = 60
"""Columns from which on a line may hang by more than four."""

ENDS_IN_A_COMMAND = ("Next:", "Go on:")
"""What a line begins with that ends in a command."""


def fitted(line: str, *, err: bool = False, hanging: int = 4) -> str:
    """Return `line` broken between words where stdout, or stderr, is a terminal that is narrower; else as it is.

    A command is never broken: what is copied from two lines is no command any more.

    Args:
        line: It.
        err: Whether it goes to stderr.
        hanging: Columns that its second line is set in by, where there is room for that.
    """
    stream = sys.stderr if err else sys.stdout
    if line.startswith(ENDS_IN_A_COMMAND) or not stream.isatty():
        return line
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except OSError:  # somebody's stand-in for a terminal
        return line
    if columns == 0:  # one that nobody gave a size
        return line
    width = max(40, columns)
    indent = " " * (hanging if width >= _ROOM else 4)
    parts = textwrap.wrap(
        line, width, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False, replace_whitespace=False
    )
    return "\n".join(parts)
