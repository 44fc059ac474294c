"""A command that stands in a variable of the user's, such as EDITOR, in its words."""

from __future__ import annotations

import os
import shlex


def words_of(line: str) -> list[str]:
    """Return the words of a command as a shell of this system would take them.

    Raises:
        ValueError: A quotation in it has no end.
    """
    posix = os.name == "posix"
    words = shlex.split(line, posix=posix)
    return words if posix else [word.strip('"') for word in words]
