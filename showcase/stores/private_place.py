"""Whether what an engine is about to read on this machine can be anybody's but its owner's.

Qdrant's local mode unpickles each point as it opens, and Milvus Lite hands what it finds to a library in C++: who may
write there may run what they like as the user who opens it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.errors import StoreError
from showcase.shell import here
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OTHERS_ENTER = stat.S_IXGRP | stat.S_IXOTH


def checked(path: Path) -> Path:
    """Return the path of a store without links in it, after all that leads there and lies there was looked at.

    Where it is not there, it is made, for its owner alone.

    Raises:
        StoreError: Something belongs to somebody else, or others may write to it or put something else in its place.
    """
    try:
        if os.name == "posix":  # before anything is made there
            _check_way(next(each for each in (path.absolute(), *path.absolute().parents) if each.exists()).resolve())
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        real = path.resolve(strict=True)
        if os.name == "posix":
            _check(real)
    except OSError as error:
        raise StoreError(f"the store {path} cannot be opened: {error.strerror or error}") from error
    return real


def _check(real: Path) -> None:
    is_shut = _check_way(real)
    for each in _below(real):
        seen = each.lstat()
        _check_owner(each, seen)
        if stat.S_ISLNK(seen.st_mode):
            raise StoreError(
                f"{each} is a link, and a store has none: what it leads to may be anybody's",
                hint=f"see where it leads, and take it out: {quoted(each)}",
            )
        if seen.st_mode & _OTHERS_WRITE and not is_shut:
            raise _writable(each, seen)


def _check_way(real: Path) -> bool:
    """Look at a directory and all above it; return whether one of them lets nobody else further."""
    is_shut = False
    for directory in (*reversed(real.parents), real):
        seen = directory.lstat()
        if directory == real or seen.st_uid != _unmapped():
            _check_owner(directory, seen)
        is_shut = is_shut or not seen.st_mode & _OTHERS_ENTER
        # In a directory with the sticky bit, such as /tmp, nobody renames or removes what is another's.
        is_kept = seen.st_mode & stat.S_ISVTX and directory != real
        if seen.st_mode & _OTHERS_WRITE and not is_shut and not is_kept:
            raise _writable(directory, seen)
    return is_shut


def _unmapped() -> int | None:
    """Return as whom root appears where this process is in a user namespace that does not have it, else None.

    In a seal what leads to the store belongs to a user without a name. Who made the seal looked before, from outside.
    """
    try:
        mapped = Path("/proc/self/uid_map").read_text(encoding="ascii").split()
        nobody = int(Path("/proc/sys/kernel/overflowuid").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    outer = zip(mapped[1::3], mapped[2::3], strict=True)
    return None if any(int(first) == 0 and int(count) for first, count in outer) else nobody


def _below(directory: Path) -> Iterator[Path]:
    for each in sorted(directory.iterdir()):
        yield each
        if each.is_dir() and not each.is_symlink():
            yield from _below(each)


def _check_owner(path: Path, seen: os.stat_result) -> None:
    if seen.st_uid not in (os.geteuid(), 0):
        raise StoreError(
            f"{path} belongs to user {seen.st_uid}: what lies there may run as whoever opens it",
            hint="name a directory of your own: --store ENGINE:DIR",
        )


def _writable(path: Path, seen: os.stat_result) -> StoreError:
    return StoreError(
        f"{path} has mode {stat.S_IMODE(seen.st_mode):04o}: others may write there, and what lies there may run as "
        "whoever opens it",
        hint=f"if nobody else has written there: {here().only_for_its_owner(path)}",
    )
