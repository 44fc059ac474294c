"""What a killed process of ours left in a place that others share: told by its name, and removed by the next one.

The name says who made it: process id, when that process began, and in which world of process ids (boot and namespace).
A name and its thing come to be at once, so that no half-made thing is ever taken for a leftover; and what was made in
another world, a container that shares the place, is never touched, as nobody here can tell whether its maker lives.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MARKED = re.compile(r"\.?[a-z][a-z-]*-(?P<pid>[0-9a-f]+)-(?P<began>[0-9a-f]+)-(?P<world>[0-9a-f]{6})-[a-z0-9_]{8}")
"""A prefix, what `marked` adds, and the eight characters of `tempfile`. Short: the path of a Unix socket has to fit."""

_BEGAN_FIELD = 19
"""Field 22 of `/proc/PID/stat`, counted behind the name, which may hold anything. Source: proc_pid_stat(5)."""


@contextmanager
def temporary(prefix: str, place: Path | None = None) -> Iterator[Path]:
    """Make a directory of ours, mode 0700, and remove it in whatever state a killed child left it.

    Args:
        prefix: What its name begins with: small letters and hyphens, the last a hyphen.
        place: Where; the system's place for temporary things where None, which is swept before.
    """
    directory = make(prefix, place)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def make(prefix: str, place: Path | None = None) -> Path:
    """Make such a directory for somebody who removes it; see `temporary`."""
    if place is None:
        sweep(Path(tempfile.gettempdir()))
    return Path(tempfile.mkdtemp(prefix=marked(prefix), dir=place))


def marked(prefix: str) -> str:
    """Return the beginning of a name by which this process's things are told."""
    return f"{prefix}{os.getpid():x}-{_began(os.getpid()) or 0:x}-{_world()}-"


def sweep(place: Path, *, elsewhere: bool = False, first: Callable[[Path], object] = lambda _: None) -> None:
    """Remove from a directory what processes of ours left there that are gone; whatever cannot be, stays.

    Args:
        place: The directory.
        elsewhere: Remove what was made in another world too, such as before this boot: for a place that nobody shares.
        first: What is done to each before, such as to write over it.
    """
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            if is_leftover(entry, elsewhere=elsewhere):
                with contextlib.suppress(OSError):
                    first(Path(entry.path))
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    with contextlib.suppress(OSError):
                        Path(entry.path).unlink()


def is_marked(name: str) -> bool:
    """Tell whether a name is one that `marked` began, of whatever process."""
    return _MARKED.fullmatch(name) is not None


def is_leftover(entry: os.DirEntry[str], *, elsewhere: bool = False) -> bool:
    """Tell whether a process of ours left this that is gone; see `sweep`."""
    found = _MARKED.fullmatch(entry.name)
    if found is None:
        return False
    try:
        seen = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    ours = not hasattr(os, "geteuid") or seen.st_uid == os.geteuid()
    if not ours or not (stat.S_ISDIR(seen.st_mode) or stat.S_ISREG(seen.st_mode)):
        return False
    if found["world"] != _world():
        return elsewhere
    if found["began"] == "0":
        return False
    return _began(int(found["pid"], 16)) != int(found["began"], 16)


def _began(pid: int) -> int | None:
    """Return when a process began, in a unit of this system's; None where there is none such, or it cannot be told."""
    if sys.platform != "linux":
        import psutil  # noqa: PLC0415 - heavy

        try:
            return round(psutil.Process(pid).create_time() * 100)
        except (psutil.Error, OSError, OverflowError):
            return None
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    return int(text.rpartition(b")")[2].split()[_BEGAN_FIELD])


@functools.cache
def _world() -> str:
    """Return what tells the process ids of this boot and namespace from all others'."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        seen = boot + str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        import platform  # noqa: PLC0415 - only where there is no such file system

        seen = platform.node()
    return hashlib.sha256(seen.encode()).hexdigest()[:6]
