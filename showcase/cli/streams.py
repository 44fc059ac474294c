"""Standard streams that were closed before we began, as by `>&-`, or that whoever read them has left, as `| head`."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, BinaryIO, cast

from showcase.documents import broken_pipe


def stand_in() -> None:
    """Open the null device in place of each: the next file of ours would get its number, and be written over."""
    for number in range(3):
        if not _is_open(number):
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free is the one that is missing
            os.set_inheritable(number, True)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as we live
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - likewise
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - likewise


def outlive_readers() -> None:
    """Go on where nobody reads standard output any more: the exit status is the command's, and 1 means broken.

    click takes the end of a reader for its own end, with status 1.
    """
    before = sys.stdout
    if not isinstance(before, io.TextIOWrapper):  # somebody's stand-in
        return
    raw = getattr(before.buffer, "raw", before.buffer)
    if not isinstance(raw, io.FileIO):  # a console of Windows has no reader who could leave
        return
    before.flush()
    told = _Outliving(raw)
    unbuffered = raw is before.buffer  # python -u
    sys.stdout = io.TextIOWrapper(
        cast("BinaryIO", told if unbuffered else io.BufferedWriter(told)),
        encoding=before.encoding,
        errors=before.errors,
        line_buffering=before.line_buffering,
        write_through=unbuffered,
    )


class _Outliving(io.RawIOBase):
    """Writes to another stream, and to nowhere once nobody reads that."""

    def __init__(self, raw: io.FileIO) -> None:
        self._raw = raw

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self._raw.name)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - what has bytes, which has a name since 3.12
        view = memoryview(data).cast("B")
        size = view.nbytes
        try:
            while view.nbytes:
                view = view[self._raw.write(view) :]
        except OSError as error:
            if not broken_pipe.is_one(error):
                raise
        return size


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
