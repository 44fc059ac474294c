"""The header of a file, read forwards through a small window: what is skipped is not read, and nothing is mapped."""

from __future__ import annotations

import os
import stat
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_HEADER_BYTES = 64 * 2**20
"""Where the tensors must have begun. The largest vocabularies (262,144 tokens, 514,906 merges) take a quarter."""

MOST_TEXTS = 2_000_000
"""Texts in all arrays together, each of which takes a step: more than twice what the largest vocabularies have."""

_WINDOW = 256 * 1024
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
)
_LENGTH = struct.Struct("<Q")


class UnreadableModelError(Exception):
    """Why a file is no model that can be read, in words."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[int, os.stat_result]]:
    """Yield a descriptor of a regular file and what the system says of it; a link is followed.

    Raises:
        UnreadableModelError: It is none, may not be read, or is a link that leads nowhere. A pipe is not waited for.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise UnreadableModelError(_absence(path)) from None
    except (OSError, ValueError) as error:  # a name that no file can have is a ValueError
        # Windows opens no directory, and says that access is denied.
        reason = "it is a directory" if os.path.isdir(path) else getattr(error, "strerror", None) or str(error)  # noqa: PTH112 - does not raise for such a name, in Python 3.10 either
        raise UnreadableModelError(reason) from error
    try:
        seen = os.fstat(descriptor)
        if stat.S_ISDIR(seen.st_mode):
            raise UnreadableModelError("it is a directory")
        if not stat.S_ISREG(seen.st_mode):
            raise UnreadableModelError("it is a pipe, a device or a socket, and no file")
        yield descriptor, seen
    finally:
        os.close(descriptor)


def _absence(path: Path) -> str:
    try:
        return f"it is a link that leads nowhere: {os.readlink(path)}"  # noqa: PTH115 - the target as it is written
    except OSError:
        return "there is no such file"


class Source:
    """Reads a header.

    Args:
        descriptor: The file, opened for reading.
        size: Its size in bytes.
    """

    def __init__(self, descriptor: int, size: int) -> None:
        self.size = size
        self._descriptor = descriptor
        self._window = b""
        self._start = self._at = 0
        self._texts = 0

    @property
    def position(self) -> int:
        """Bytes from the beginning of the file."""
        return self._start + self._at

    def take(self, count: int) -> bytes:
        """Return the next bytes; `count` is checked against the file before anything of that size is made.

        Raises:
            UnreadableModelError: The file ends before, or the header is too large.
        """
        if self._at + count > len(self._window):
            self._fill(count)
        at = self._at
        self._at = at + count
        return self._window[at : at + count]

    def number(self, form: struct.Struct) -> int:
        """Return the next number.

        Raises:
            UnreadableModelError: As with `take`.
        """
        return int(form.unpack(self.take(form.size))[0])

    def text(self, most: int, what: str) -> bytes:
        """Return the next text: its length in eight bytes, and what it says.

        Raises:
            UnreadableModelError: It is longer than `most` or than what is left of the file.
        """
        length = self.number(_LENGTH)
        self._check(length, what)
        if length > most:
            raise UnreadableModelError(f"{what} has {length:,} bytes, and {most:,} is the most")
        return self.take(length)

    def skip(self, count: int, what: str) -> None:
        """Go on behind the next `count` bytes without reading them.

        Raises:
            UnreadableModelError: The file has fewer, or the header is too large.
        """
        self._check(count, what)
        self._at += count

    def skip_texts(self, count: int, what: str) -> None:
        """Go on behind the next `count` texts.

        Raises:
            UnreadableModelError: The file has no room for so many, or they are too many to be looked at.
        """
        self._check(count * _LENGTH.size, what)
        self._texts += count
        if self._texts > MOST_TEXTS:
            raise UnreadableModelError(f"{what}: more than {MOST_TEXTS:,} texts in its lists")
        unpack, width = _LENGTH.unpack_from, _LENGTH.size
        while count:
            if self._at + width > len(self._window):
                self._fill(width)
            window, at = self._window, self._at
            last = len(window) - width
            while count and at <= last:
                at += width + unpack(window, at)[0]
                count -= 1
            self._at = at
            self._check(0, what)

    def _check(self, count: int, what: str) -> None:
        end = self.position + count
        if end > self.size:
            raise UnreadableModelError(
                f"{what} reaches to byte {end:,}, and the file has {self.size:,}: it is cut short or damaged"
            )
        if end > MOST_HEADER_BYTES:
            raise UnreadableModelError(f"its header is larger than {MOST_HEADER_BYTES // 2**20} MiB, at {what}")

    def _fill(self, count: int) -> None:
        """Move the window to where we are, with at least `count` bytes in it."""
        self._check(count, "its header")
        position = self.position
        try:
            os.lseek(self._descriptor, position, os.SEEK_SET)
            window = b""
            while len(window) < count:
                piece = os.read(self._descriptor, max(_WINDOW, count) - len(window))
                if not piece:
                    raise UnreadableModelError("it became shorter while it was read")
                window += piece
        except OSError as error:
            raise UnreadableModelError(error.strerror or str(error)) from error
        self._window, self._start, self._at = window, position, 0
