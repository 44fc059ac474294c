"""Which Unix sockets lead out of the seal.

A path is looked up in the file system, and that is shared: a socket that a process outside bound can be reached
from inside. The kernel lists the sockets of one network namespace with device and inode (`unix_diag`); one that
is not on the list of the inside was bound outside.
"""

from __future__ import annotations

import os
import socket
import struct

_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY = 4, 20
_REQUEST_DUMP = 0x301
_SHOW_VFS = 2
_ATTRIBUTE_VFS = 1
_DONE, _ERROR = 3, 2
_ALL_STATES = 0xFFFFFFFF
_NETLINK_HEADER, _DIAG_MESSAGE = 16, 16


def diagnosis_socket() -> socket.socket:
    """Return the socket on which the kernel is asked (made inside: it answers for the namespace it was made in)."""
    diagnosis = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG)
    diagnosis.bind((0, 0))
    return diagnosis


def crosses(diagnosis: socket.socket, device: int, inode: int) -> bool:
    """Return whether the socket with this device and inode was bound outside of the namespace."""
    key = (inode & 0xFFFFFFFF, os.major(device) << 20 | os.minor(device))
    return key not in _bound_inside(diagnosis)


def _bound_inside(diagnosis: socket.socket) -> set[tuple[int, int]]:
    request = struct.pack("=BBHIII", socket.AF_UNIX, 0, 0, _ALL_STATES, 0, _SHOW_VFS) + bytes(8)
    header = struct.pack("=IHHII", 16 + len(request), _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, 1, 0)
    diagnosis.send(header + request)
    found: set[tuple[int, int]] = set()
    while True:
        rest = diagnosis.recv(1 << 16)
        while len(rest) >= _NETLINK_HEADER:
            length, kind = struct.unpack_from("=IH", rest)
            if kind in {_DONE, _ERROR}:
                return found
            found |= _identities(rest[_NETLINK_HEADER + _DIAG_MESSAGE : length])
            rest = rest[length + 3 & ~3 :]


def _identities(attributes: bytes) -> set[tuple[int, int]]:
    found = set()
    while len(attributes) >= 4:  # noqa: PLR2004 - the header of an attribute
        length, kind = struct.unpack_from("=HH", attributes)
        if kind == _ATTRIBUTE_VFS:
            found.add(struct.unpack_from("=II", attributes, 4))
        attributes = attributes[max(length, 4) + 3 & ~3 :]
    return found
