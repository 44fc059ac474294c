"""A regular file of a place that others may have filled: no link is followed, no pipe is waited for."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
)
"""Neither a link nor a pipe that took a file's place since it was looked at is followed or waited for."""


class NoRegularFileError(OSError):
    """What was to be a file is something else.

    Attributes:
        seen: What it is.
    """

    def __init__(self, path: Path, seen: os.stat_result) -> None:
        super().__init__(None, "it is no regular file", str(path))
        self.seen = seen


def opened(path: Path) -> int:
    """Return a descriptor of a regular file, and of nothing that is none.

    Raises:
        NoRegularFileError: It is none.
        OSError: It cannot be opened.
    """
    check(path, path.lstat())
    descriptor = os.open(path, _FLAGS)
    try:
        check(path, os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def check(path: Path, seen: os.stat_result) -> None:
    """Refuse what is no regular file.

    Raises:
        NoRegularFileError: It is none.
    """
    if not stat.S_ISREG(seen.st_mode):
        raise NoRegularFileError(path, seen)


def read(path: Path, *, limit: int, own: bool = False) -> bytes:
    """Return what a file holds.

    Args:
        path: The file.
        limit: Bytes beyond which it is refused.
        own: Refuse a file of another user.

    Raises:
        NoRegularFileError: It is none.
        OSError: It cannot be read, is larger, or belongs to another user.
    """
    with os.fdopen(opened(path), "rb") as file:
        if own:
            check_own(os.fstat(file.fileno()))
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(None, f"it is larger than {limit:,} bytes", str(path))
    return data


def check_own(seen: os.stat_result) -> None:
    """Refuse what belongs to another user, where a system tells.

    Raises:
        OSError: It does.
    """
    if hasattr(os, "geteuid") and seen.st_uid != os.geteuid():
        raise OSError(None, f"it belongs to another user (id {seen.st_uid})")
