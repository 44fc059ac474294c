"""Unix sockets that have a path: is something there, and what is it?

A path is followed as its caller's thread would follow it, link by link: left to the kernel it would be followed as
ours, and `/proc/self` or an absolute link would lead elsewhere. Where that cannot be done, nothing is claimed.
"""
# ruff: noqa: PTH115, PTH116

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from showcase.witnesses.syscalls.address import Address
    from showcase.witnesses.syscalls.call import Call

_WHERE = {
    True: "leads out of the seal",
    False: "inside the seal",
    None: "leads out of the seal, as far as is known",
}
_MOST_LINKS = 40  # the kernel's own limit (path_resolution(7))


class Unknown(Exception):  # noqa: N818 - what is known, not an error
    """Nobody here can say what a path leads to for its caller."""


def fate(call: Call, address: Address) -> dict[str, object]:
    """Return what the path of a Unix socket leads to, as its caller sees it; nothing for other addresses.

    Device and inode tell two sockets apart that have the same path in different mount namespaces.
    """
    if address.family != "unix" or not address.name or address.name.startswith("@"):
        return {}
    try:
        found = identity(address.name, f"/proc/{call.tid}/root", f"/proc/{call.tid}/cwd")
    except Unknown:
        return {} if call.station is None else {"outcome": _WHERE[None]}
    if found is None:
        return {"outcome": "no such socket"}
    if call.station is None:
        return {}
    return {"outcome": _WHERE[call.station.crosses(*found)]}


def identity(name: str, root: str, cwd: str) -> tuple[int, int] | None:
    """Return device and inode of what a path leads to, None where nothing is there.

    Args:
        name: The path, as it is written down: a backslash may stand for a byte that is no UTF-8.
        root: The caller's root directory, as we can reach it.
        cwd: Its working directory.

    Raises:
        Unknown: The path goes through `/proc` or a place that we may not look at, or its bytes are not known.
    """
    if "\\" in name or not name.isprintable():
        raise Unknown
    place = root if name.startswith("/") else cwd
    left = [part for part in name.split("/") if part not in {"", "."}]
    links = 0
    found = _look(place + "/.")
    while left:
        part = left.pop(0)
        found = _look(f"{place}/{part}")
        if found is None:
            return None
        if not stat.S_ISLNK(found.st_mode):
            place = f"{place}/{part}"
            continue
        links += 1
        target = _target(f"{place}/{part}")
        if links > _MOST_LINKS:
            return None  # ELOOP, for the caller as well
        place = root if target.startswith("/") else place
        left = [each for each in target.split("/") if each not in {"", "."}] + left
        found = _look(place + "/.")
    return None if found is None else (found.st_dev, found.st_ino)


def _look(path: str) -> os.stat_result | None:
    try:
        found = os.lstat(path)
        if found.st_dev == os.stat("/proc").st_dev:
            raise Unknown  # what lies there depends on who looks
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unknown from error
    return found


def _target(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError as error:
        raise Unknown from error
