"""What a file system says of a place: which one it is, and of which kind."""

from __future__ import annotations

import os
import stat
from pathlib import Path

Identity = tuple[object, ...]


def identity(seen: os.stat_result) -> Identity | None:
    """Return what two names of one file have in common; None for a device, to which many may write."""
    return None if stat.S_ISCHR(seen.st_mode) else (seen.st_dev, seen.st_ino)


def is_null_device(seen: os.stat_result) -> bool:
    """Tell the device that swallows everything from those that do something with what they get."""
    return stat.S_ISCHR(seen.st_mode) and seen.st_rdev == Path(os.devnull).stat().st_rdev


def folds_case(path: Path) -> bool:
    """Tell whether the directory of a file has it under its name in other letters too."""
    return os.path.lexists(path.with_name(path.name.swapcase()))


def kind(mode: int) -> str:
    """Return in words what is no regular file."""
    kinds = ((stat.S_ISDIR, "a directory"), (stat.S_ISLNK, "a link"), (stat.S_ISSOCK, "a socket"))
    return next((name for test, name in kinds if test(mode)), "a device")
