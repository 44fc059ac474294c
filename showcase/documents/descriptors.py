"""Paths that mean a descriptor of this process: `-`, `/dev/stdin`, `/dev/fd/N`, what `<(…)` and `>(…)` become."""

from __future__ import annotations

import os
import re
from pathlib import Path

DASH = Path("-")
MOST_LINKS = 40
"""Links in a row that are followed, as the kernel does. Source: path_resolution(7)."""

_OF_A_PROCESS = re.compile(r"/proc/\d+(/task/\d+)?/fd")


def shown(path: Path) -> str:
    """Return what to call it in a message."""
    return "standard input" if path == DASH else str(path)


def own_descriptor(path: Path) -> int | None:
    """Return which descriptor of ours a path means, also by links; None where it means none.

    Raises:
        OSError: A directory on the way may not be entered.
    """
    own = re.compile(rf"/proc/{os.getpid()}(/task/\d+)?/fd|/dev/fd")
    for _ in range(MOST_LINKS):
        place = os.path.realpath(path.parent)
        if re.fullmatch(r"0|[1-9]\d{0,8}", path.name) and own.fullmatch(place):
            return int(path.name)
        if not path.is_symlink():
            break
        path = Path(place, path.readlink())
    return None


def is_anothers(path: Path) -> bool:
    """Tell whether a path means a descriptor of some process."""
    return _OF_A_PROCESS.fullmatch(os.path.realpath(path.parent)) is not None
