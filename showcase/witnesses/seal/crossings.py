"""The Unix sockets of a namespace, by the kernel's own table (`unix_diag`).

A path is reached through the file system, which a seal shares with the outside, so the path says nothing. The kernel
lists the sockets of one network namespace by device and inode: what is not listed was bound in another.
"""

from __future__ import annotations

import os
import socket
import struct
from typing import NamedTuple

from showcase.witnesses import sock_diag

_SHOW_NAME, _SHOW_VFS = 1, 2
_ATTRIBUTE_NAME, _ATTRIBUTE_VFS = 0, 1
_ALL_STATES = 0xFFFFFFFF
_DIAG_MESSAGE = 16
_DATAGRAM = 2


class UnixSocket(NamedTuple):
    """One socket: its inode, the device and inode of the file that it is bound to, and its name as it was bound.

    `waits` says whether others reach it by that name; a connection that was taken carries its listener's.
    """

    inode: int
    waits: bool
    file: tuple[int, int] | None
    name: bytes | None


def identity(found: os.stat_result) -> tuple[int, int]:
    """Return what tells a file from others, as the kernel's table has it."""
    return found.st_ino & 0xFFFFFFFF, os.major(found.st_dev) << 20 | os.minor(found.st_dev)


def file_systems() -> frozenset[int]:
    """Return the numbers of all file systems that this process sees, as the table has them; none where it cannot."""
    try:
        with open("/proc/self/mountinfo", "rb") as file:  # noqa: PTH123 - pathlib is not loaded in a supervisor
            devices = [line.split()[2].split(b":") for line in file]
    except OSError:
        return frozenset()
    return frozenset(int(major) << 20 | int(minor) for major, minor in devices)


def crosses(diagnosis: socket.socket, found: os.stat_result) -> bool:
    """Return whether the socket with this file was bound outside of the namespace.

    Raises:
        OSError: The kernel does not say.
    """
    return all(each.file != identity(found) for each in unix_sockets(diagnosis))


def unix_sockets(diagnosis: socket.socket) -> list[UnixSocket]:
    """Return every Unix socket of the namespace.

    Raises:
        OSError: The kernel does not say.
    """
    request = struct.pack("=BBHIII", socket.AF_UNIX, 0, 0, _ALL_STATES, 0, _SHOW_NAME | _SHOW_VFS) + bytes(8)
    return [_read(message) for message in sock_diag.answers(diagnosis, request)]


def _read(message: bytes) -> UnixSocket:
    kind_of_socket, state, inode = struct.unpack_from("=xBBxI", message)
    file, name = None, None
    for kind, value in sock_diag.attributes(message, _DIAG_MESSAGE):
        if kind == _ATTRIBUTE_VFS:
            file = struct.unpack_from("=II", value)
        elif kind == _ATTRIBUTE_NAME:
            name = value
    return UnixSocket(inode, state == sock_diag.LISTEN or kind_of_socket == _DATAGRAM, file, name)
