"""A command that stands in a variable of the user's, such as EDITOR, in its words."""

from __future__ import annotations

import shlex
import sys


def words_of(line: str) -> list[str]:
    """Return the words of a command as a shell of this system would take them.

    Raises:
        ValueError: A quotation in it has no end.
    """
    if sys.platform != "win32":
        return shlex.split(line)
    return [word.strip('"') for word in shlex.split(line, posix=False)]
