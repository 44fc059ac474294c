"""The scripts to copy into a project of one's own, and how they are written out."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

from showcase.documents.file_names import why_unfit
from showcase.documents.resources import directory, working_directory
from showcase.errors import ShowcaseError, StoreError, UsageError, nowhere
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = (
    "README.md",
    "chat_with_memory.py",
    "chat_with_chroma.py",
    "audit_my_script.sh",
    "test_privacy.py",
    ".gitignore",
)
"""Named one by one: beside them may lie what they remembered, which belongs to whoever ran them."""

_ELSEWHERE = "name a directory that is not there yet: showcase init NEW"


def write_out(place: Path) -> tuple[Path, ...]:
    """Write the examples into a directory that is empty or not there yet; return their paths.

    Nothing that is there is written over, and what could not be finished is taken back.

    Args:
        place: The directory. Its parent has to be there: a path that was mistyped is not made.

    Raises:
        UsageError: It is no directory, or can be none by its name, is not empty or takes no file, or its parent is not
            there.
        StoreError: The disk is full or fails.
    """
    why = why_unfit(place, below=1 + max(map(len, FILES)))
    if why is not None:
        raise UsageError(f"{place} cannot be the name of a directory: {why}", hint=_ELSEWHERE)
    contents = {name: (directory("examples") / name).read_bytes() for name in FILES}
    undo: list[Callable[[], None]] = []
    try:
        _make(place, undo)
        for name, data in contents.items():
            _write_new(place / name, data, undo)
    except BaseException as error:
        for step in reversed(undo):
            with contextlib.suppress(OSError):
                step()
        if isinstance(error, (OSError, ValueError)):
            raise _refusal(place, error) from error
        raise
    return tuple(place / name for name in FILES)


def _make(place: Path, undo: list[Callable[[], None]]) -> None:
    if not os.path.lexists(place):
        place.mkdir()
        undo.append(place.rmdir)
    elif any(place.iterdir()):
        raise UsageError(f"{place} is not empty, and nothing is written over", hint=_ELSEWHERE)


def _write_new(path: Path, data: bytes, undo: list[Callable[[], None]]) -> None:
    # Exclusive: a file that somebody makes at this moment is theirs. What is a program may be run as one.
    mode = 0o777 if path.suffix == ".sh" else 0o666
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        undo.append(path.unlink)
        file.write(data)


def _refusal(place: Path, error: OSError | ValueError) -> ShowcaseError:
    """Return in words why nothing can be written there."""
    reason = getattr(error, "strerror", None) or str(error)
    number = error.errno if isinstance(error, OSError) else None
    there = os.access(place, os.F_OK)
    if number == errno.ENOENT and os.path.lexists(place):
        return UsageError(f"{place} is a link that leads nowhere", hint=_ELSEWHERE)
    if number == errno.ENOENT:
        parent = place.parent
        if not parent.is_absolute() and working_directory() is None:
            return nowhere()
        hint = here().make_directory(parent)
        return UsageError(f"there is no directory {parent} to make {place.name} in", hint=hint)
    if number == errno.ENOTDIR:
        what = place if there else place.parent
        return UsageError(f"{what} is a file, and a directory is needed", hint=_ELSEWHERE)
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        where = place if there else place.parent
        return UsageError(f"{where} takes no file: {reason}", hint=here().who_may(where))
    if number == errno.EEXIST:
        return UsageError(f"something appeared in {place} meanwhile, and nothing is written over", hint=_ELSEWHERE)
    if number in (None, errno.ENAMETOOLONG, errno.ELOOP, errno.EILSEQ, errno.EINVAL):
        return UsageError(f"{place} cannot be the name of a directory: {reason}", hint=_ELSEWHERE)
    return StoreError(f"{place} takes no more: {reason}; nothing was left there", hint=here().free_space(place.parent))
