"""The end of a file that held what is to be forgotten: zeros are written over it before its name goes."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from showcase.evidence.fact import Fact

if TYPE_CHECKING:
    from pathlib import Path

_PIECE = b"\0" * (1024 * 1024)
_BLOCK = 4096
"""Bytes up to whose multiple a file is written over: what lies behind its end in its last block goes too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared(Fact):
    """What became of the old files.

    Attributes:
        overwritten: How many were written over.
        linked: How many were left as they are, for they have another name.
        removed: The path of each when its name went, by device and inode, which the next file may get.
    """

    overwritten: int = 0
    linked: int = 0
    removed: Mapping[tuple[int, int], str] = field(default_factory=dict)


def clear(top: Path) -> Cleared:
    """Write zeros over every file below a directory, or over one, and remove it; one with another name is only removed.

    Raises:
        OSError: One cannot be written.
    """
    overwritten = linked = 0
    removed: dict[tuple[int, int], str] = {}
    paths = [top] if not top.is_dir() else [path for path in sorted(top.rglob("*")) if not path.is_dir()]
    for path in paths:
        seen = path.lstat()
        if stat.S_ISREG(seen.st_mode):
            removed[seen.st_dev, seen.st_ino] = str(path.parent.resolve() / path.name)
            if seen.st_nlink > 1:
                linked += 1
            else:
                overwrite(path, seen.st_size)
                overwritten += 1
        path.unlink()
    return Cleared(overwritten=overwritten, linked=linked, removed=removed)


def overwrite(path: Path, size: int) -> None:
    """Write zeros to the end of the last block of a file, down to the disk."""
    left = -(-size // _BLOCK) * _BLOCK
    flags = os.O_WRONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags), "wb") as file:
        while left > 0:
            left -= file.write(_PIECE[: min(left, len(_PIECE))])
        file.flush()
        os.fsync(file.fileno())
