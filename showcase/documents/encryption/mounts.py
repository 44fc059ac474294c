"""The mount that a directory lies on, as Linux tells it: proc_pid_mountinfo(5)."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MINIMUM = 6
"""Fields before the optional ones: ids, device, root, mount point, options."""

_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A line of the table.

    Attributes:
        number: The mount's own, which `/proc/self/fdinfo` names too.
        device: `major:minor` of what is mounted; major 0 where that is no block device, or a file system over several.
        point: Where it is mounted.
        kind: The type of the file system.
        source: What was mounted: a device, a server's path, a dataset.
        options: Those of this mount and of the file system.
    """

    number: int
    device: str
    point: str
    kind: str
    source: str
    options: frozenset[str]


def parse(table: str) -> list[Mount]:
    """Return the mounts of a `/proc/self/mountinfo`. Lines of another form are left out."""
    mounts = []
    for line in table.splitlines():
        before, dash, after = line.partition(" - ")
        own, system = before.split(" "), after.split(" ")
        if not dash or len(own) < _MINIMUM or len(system) < 2 or not own[0].isdecimal():  # noqa: PLR2004 - type, source
            continue
        options = [own[5], *system[2:3]]
        mounts.append(
            Mount(
                number=int(own[0]),
                device=own[2],
                point=unescaped(own[4]),
                kind=system[0],
                source=unescaped(system[1]),
                options=frozenset(option for text in options for option in text.split(",")),
            )
        )
    return mounts


def unescaped(text: str) -> str:
    r"""Return a field of one of the kernel's tables, in which `\040` is a space."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), text)


def mount_of(directory: Path, mounts: Iterable[Mount], number: int | None) -> Mount | None:
    """Return the mount of a directory: by its number, else by the longest path above it, of equals the last one."""
    found = None
    for mount in mounts:
        if number is not None and mount.number == number:
            return mount
        longer = found is None or len(Path(mount.point).parts) >= len(Path(found.point).parts)
        if longer and directory.is_relative_to(mount.point):
            found = mount
    return found if number is None else None


def number_of(directory: Path) -> int | None:
    """Return the number of the mount that the kernel finds a directory on; None where it does not tell.

    A path alone may lead astray: a mount over a parent hides those below it, and they stay in the table.
    """
    with suppress(OSError, ValueError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
        try:
            told = Path(f"/proc/self/fdinfo/{descriptor}").read_text(encoding="ascii")
        finally:
            os.close(descriptor)
        return next((int(line.split()[1]) for line in told.splitlines() if line.startswith("mnt_id:")), None)
    return None
