"""Reads a document once, whatever it is, in bounded memory; a pipe that nobody writes to is not waited for."""

from __future__ import annotations

import os
import stat
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from showcase.documents.descriptors import DASH, own_descriptor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRITER_S = 5.0
"""How long a named pipe is given until somebody opens it for writing."""

_PIECE = 1024 * 1024
_PERIOD_MS = 50
_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)


class UnreadableError(Exception):
    """Why a document cannot be read, in words."""


def read(path: Path, *, limit: int, files_only: bool = False) -> bytes:
    """Return the bytes of a document: a file, a pipe, a terminal; `-` is standard input.

    Args:
        path: Its name. One of a descriptor of ours is read from where that descriptor stands.
        limit: Bytes beyond which it is refused.
        files_only: Refuse whatever is no regular file.

    Raises:
        UnreadableError: There is none, it may not be read, is a directory or a device, too large, or a pipe that
            nobody writes to.
    """
    try:
        with _opened(path) as (descriptor, by_name):
            _check(descriptor, limit, files_only=files_only)
            pipe = by_name and stat.S_ISFIFO(os.fstat(descriptor).st_mode)
            return b"".join(_pieces(descriptor, limit, _Writer() if pipe else None))
    except OSError as error:
        raise UnreadableError(error.strerror or str(error)) from error
    except ValueError as error:  # a name that no file can have
        raise UnreadableError(str(error)) from error


@contextmanager
def _opened(path: Path) -> Iterator[tuple[int, bool]]:
    """Yield a descriptor, and whether we opened it ourselves: only then it does not block."""
    own = 0 if path == DASH else own_descriptor(path)
    # A copy: a socket cannot be opened anew, nor what another user opened for us. And without O_NONBLOCK the open
    # itself would wait for a writer, for ever.
    descriptor = os.open(path, _FLAGS | getattr(os, "O_NONBLOCK", 0)) if own is None else os.dup(own)
    try:
        yield descriptor, own is None
    finally:
        os.close(descriptor)


def _check(descriptor: int, limit: int, *, files_only: bool) -> None:
    seen = os.fstat(descriptor)
    if stat.S_ISDIR(seen.st_mode):
        raise UnreadableError("it is a directory")
    if stat.S_ISBLK(seen.st_mode) or (stat.S_ISCHR(seen.st_mode) and not os.isatty(descriptor)):
        raise UnreadableError("it is a device, which holds no document")
    if files_only and not stat.S_ISREG(seen.st_mode):
        raise UnreadableError("it is no regular file")
    if stat.S_ISREG(seen.st_mode) and seen.st_size > limit:
        raise _too_large(limit)


def _pieces(descriptor: int, limit: int, writer: _Writer | None) -> Iterator[bytes]:
    left = limit
    while True:
        try:
            piece = os.read(descriptor, min(_PIECE, left + 1))
        except BlockingIOError:  # somebody has it open and is silent: as with any pipe, that is waited for
            if writer is not None:
                writer.seen = True
            _wait(descriptor, None)
            continue
        if not piece:
            if writer is None or writer.is_done(descriptor):
                return
            continue
        if writer is not None:
            writer.seen = True
        left -= len(piece)
        if left < 0:
            raise _too_large(limit)
        yield piece


class _Writer:
    """Whoever is to write into a named pipe: it reads as empty before they come, and after they went."""

    def __init__(self) -> None:
        self.seen = False
        self._until = time.monotonic() + WRITER_S

    def is_done(self, descriptor: int) -> bool:
        """Return whether somebody wrote and went; False where they may still come.

        Raises:
            UnreadableError: Nobody came in time.
        """
        if self.seen or _wait(descriptor, _PERIOD_MS):  # POLLHUP: one came and went between two looks
            return True
        if time.monotonic() >= self._until:
            raise UnreadableError("it is a pipe that nobody writes to")
        return False


def _wait(descriptor: int, timeout_ms: int | None) -> bool:
    """Return whether there is something to read, or the other end was closed."""
    import select  # noqa: PLC0415 - has no `poll` on Windows, where nothing reads without blocking

    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(timeout_ms))


def _too_large(limit: int) -> UnreadableError:
    return UnreadableError(f"it is larger than {limit // 1024**2} MiB" if limit >= 1024**2 else f"more than {limit} B")
