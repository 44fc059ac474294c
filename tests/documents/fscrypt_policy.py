"""Has fscrypt encrypt a directory, by the kernel's own calls (fscrypt.rst): no tool of it is needed."""

from __future__ import annotations

import fcntl
import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ADD_KEY = 3 << 30 | 80 << 16 | ord("f") << 8 | 23
_SET_POLICY = 2 << 30 | 12 << 16 | ord("f") << 8 | 19
_BY_IDENTIFIER, _XTS, _CTS, _PADDING = 2, 1, 4, 3
_KEY_BYTES = 64


def encrypt(mounted: Path, directory: Path) -> None:
    """Encrypt an empty directory with a key of its own, which the kernel keeps until it is unmounted."""
    key = bytearray(struct.pack("II32sIII28s", _BY_IDENTIFIER, 0, b"", _KEY_BYTES, 0, 0, b"") + os.urandom(_KEY_BYTES))
    _call(mounted, _ADD_KEY, key)
    _call(directory, _SET_POLICY, bytearray(struct.pack("BBBB4x16s", 2, _XTS, _CTS, _PADDING, bytes(key[8:24]))))


def _call(place: Path, request: int, argument: bytearray) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, request, argument)
    finally:
        os.close(descriptor)
