"""Control data of a message (cmsg(3)), as it has to be where another process sends the message.

Descriptors are numbers of the process that sends: ours stand for the same open files. Who sends is told by the
kernel, and it is us.
"""

from __future__ import annotations

import os
import socket
import struct
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_BYTES = 1 << 16
_HEADER = struct.Struct("=Qii")  # as this machine's own programs have it
_ALIGNMENT = 8
_DESCRIPTOR = struct.Struct("=i")
_CREDENTIALS = struct.Struct("=iII")
_SCM_CREDENTIALS = 2


@contextmanager
def ours(raw: bytes, copy: Callable[[int], int]) -> Iterator[bytes]:
    """Give the control data for us to send; what was copied for it is closed afterwards.

    Args:
        raw: The control data of the caller.
        copy: Returns a copy of one of the caller's descriptors.

    Raises:
        OSError: A descriptor of the caller cannot be copied (EBADF where it has none).
    """
    copies: list[int] = []
    try:
        yield b"".join(_translated(raw, copy, copies))
    finally:
        for each in copies:
            with suppress(OSError):
                os.close(each)


def _translated(raw: bytes, copy: Callable[[int], int], copies: list[int]) -> Iterator[bytes]:
    at = 0
    while at + _HEADER.size <= len(raw):
        length, level, kind = _HEADER.unpack_from(raw, at)
        if length < _HEADER.size or at + length > len(raw):
            yield raw[at:]  # the kernel says what is wrong with it
            return
        data = raw[at + _HEADER.size : at + length]
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            for (descriptor,) in _DESCRIPTOR.iter_unpack(data[: len(data) // 4 * 4]):
                copies.append(copy(descriptor))
            data = b"".join(_DESCRIPTOR.pack(each) for each in copies[-(len(data) // 4) :]) if data else b""
        elif level == socket.SOL_SOCKET and kind == _SCM_CREDENTIALS and len(data) >= _CREDENTIALS.size:
            _, uid, gid = _CREDENTIALS.unpack_from(data)
            data = _CREDENTIALS.pack(os.getpid(), uid, gid)
        padding = -(_HEADER.size + len(data)) % _ALIGNMENT
        yield _HEADER.pack(_HEADER.size + len(data), level, kind) + data + bytes(padding)
        at += length + (-length % _ALIGNMENT)
