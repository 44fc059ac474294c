"""The Unix sockets of a namespace, by the kernel's own table (`unix_diag`).

A path is reached through the file system, which a seal shares with the outside, so the path says nothing. The kernel
lists the sockets of one network namespace by device and inode: what is not listed was bound in another.
"""

from __future__ import annotations

import os
import socket
import struct
from typing import NamedTuple

_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY = 4, 20
_REQUEST_DUMP = 0x301
_SHOW_NAME, _SHOW_VFS = 1, 2
_ATTRIBUTE_NAME, _ATTRIBUTE_VFS = 0, 1
_DONE, _ERROR = 3, 2
_ALL_STATES = 0xFFFFFFFF
_NETLINK_HEADER, _DIAG_MESSAGE = 16, 16
_LISTEN, _DATAGRAM = 10, 2


class UnixSocket(NamedTuple):
    """One socket: its inode, the device and inode of the file that it is bound to, and its name as it was bound.

    `waits` says whether others reach it by that name; a connection that was taken carries its listener's.
    """

    inode: int
    waits: bool
    file: tuple[int, int] | None
    name: bytes | None


def diagnosis_socket() -> socket.socket:
    """Return the socket on which the kernel is asked (it answers for the namespace that the socket was made in)."""
    diagnosis = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG)
    diagnosis.bind((0, 0))
    return diagnosis


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
    header = struct.pack("=IHHII", 16 + len(request), _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, 1, 0)
    diagnosis.send(header + request)
    found: list[UnixSocket] = []
    while True:
        rest = diagnosis.recv(1 << 16)
        while len(rest) >= _NETLINK_HEADER:
            length, kind = struct.unpack_from("=IH", rest)
            if kind == _DONE:
                return found
            if kind == _ERROR:
                (number,) = struct.unpack_from("=i", rest, _NETLINK_HEADER)
                if number:
                    raise OSError(-number, os.strerror(-number))
                return found
            found.append(_read(rest[_NETLINK_HEADER:length]))
            rest = rest[length + 3 & ~3 :]


def _read(message: bytes) -> UnixSocket:
    kind_of_socket, state, inode = struct.unpack_from("=xBBxI", message)
    file, name = None, None
    attributes = message[_DIAG_MESSAGE:]
    while len(attributes) >= 4:  # noqa: PLR2004 - the header of an attribute
        length, kind = struct.unpack_from("=HH", attributes)
        if kind == _ATTRIBUTE_VFS:
            file = struct.unpack_from("=II", attributes, 4)
        elif kind == _ATTRIBUTE_NAME:
            name = attributes[4:length]
        attributes = attributes[max(length, 4) + 3 & ~3 :]
    return UnixSocket(inode, state == _LISTEN or kind_of_socket == _DATAGRAM, file, name)
