"""Keeps what this process had in memory out of the files of an index.

Chroma's index of vectors (hnswlib) writes a file of all the room that it asked the system for, the part too in which no
vector is yet. What stands there is what the process had there before: texts, vectors, whatever was let go of. Seen with
chromadb 1.5.9: a memory that was forgotten came back in `data_level0.bin` of another store, with a query.
"""

from __future__ import annotations

import ctypes
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.memory.store_files import INDEX_HEADER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_PERTURB, _FILLING = -6, 0xA5
"""M_PERTURB of mallopt(3), and a byte: glibc fills what it hands out with its complement, what it gets back with it."""

_LENGTH_BYTES = 4
_PIECE = b"\0" * (1024 * 1024)


def fill_what_is_handed_out() -> bool:
    """Let the system's allocator hand out nothing that this process had there before; tell whether it does.

    glibc does. Elsewhere `clear_unused` takes it out of the files of an index that no process has open.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(_PERTURB, _FILLING))
    except (AttributeError, OSError, TypeError):  # no glibc, or no library to ask
        return False


def clear_unused(indexes: Iterable[Path]) -> None:
    """Write zeros where indexes have room for vectors and hold none; nobody may have them open.

    Args:
        indexes: Their directories.
    """
    for directory in indexes:
        with suppress(OSError, struct.error):
            header = (directory / "header.bin").read_bytes()
            elements, bytes_each = INDEX_HEADER.unpack_from(header)[3:5]
            _clear_from(directory / "data_level0.bin", elements * bytes_each)
            _clear_from(directory / "length.bin", elements * _LENGTH_BYTES)


def _clear_from(path: Path, place: int) -> None:
    left = path.stat().st_size - place
    if place < 0 or left <= 0:
        return
    with path.open("r+b") as file:
        file.seek(place)
        while left > 0:
            left -= file.write(_PIECE[: min(left, len(_PIECE))])
