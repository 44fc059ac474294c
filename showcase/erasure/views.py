"""What of a file is not to be seen byte by byte: values of a database in one piece, what is compressed.

Each view yields pieces of bytes, and raises `UnviewedError` where it cannot be had.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import sqlite3
import zipfile
import zlib
from typing import TYPE_CHECKING

from showcase.memory.store_files import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MOST_BYTES = 4 * 1024**3
"""Of what a compressed file holds: beyond it somebody made it to fill a disk."""

_PIECE = 4 * 1024 * 1024
_PAGE_SIZE_AT, _HEADER_BYTES = 16, 100
_LONG_PAGE = 65536
_POINTER_BYTES = 4
_EDGE = 512
"""Bytes on both sides of the end of a page that are read together: as long as the longest run that is looked for."""

_SEPARATOR = b"\n\0\n"


class UnviewedError(Exception):
    """Why a file cannot be read in a way."""


def of(head: bytes) -> dict[str, Callable[[Path], Iterator[bytes]]]:
    """Return the ways in which a file that begins so is read, beside byte by byte."""
    if head.startswith(b"SQLite format 3\0"):
        return {"values": values, "ends of pages": ends_of_pages, "full-text index": full_text}
    return {name: view for magic, name, view in _COMPRESSED if head.startswith(magic)}


def values(path: Path) -> Iterator[bytes]:
    """Yield every text and blob of every table, each whole, wherever SQLite cut it."""
    try:
        with reading(path) as database:
            database.text_factory = bytes
            tables = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
            for name, made_by in tables:
                if made_by is None or made_by.upper().startswith(b"CREATE VIRTUAL"):
                    continue
                quoted = name.decode(errors="replace").replace('"', '""')
                held, size = [], 0
                for row in database.execute(f'SELECT * FROM "{quoted}"'):  # noqa: S608 - a name, quoted
                    for value in row:
                        if isinstance(value, bytes):
                            held.append(value)
                            size += len(value)
                    if size > _PIECE:
                        yield _SEPARATOR.join(held)
                        held, size = [], 0
                yield _SEPARATOR.join(held)
    except (sqlite3.Error, OSError) as error:
        raise UnviewedError(str(error)) from error


def ends_of_pages(path: Path) -> Iterator[bytes]:
    """Yield the end of each page together with the beginning of the one to which its first bytes point.

    A text that is longer than a page goes on in pages of which the first four bytes name the next, be they free by now:
    https://www.sqlite.org/fileformat.html#cell_payload_overflow_pages
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
            size = int.from_bytes(header[_PAGE_SIZE_AT : _PAGE_SIZE_AT + 2], "big")
            size = _LONG_PAGE if size == 1 else size
            if size < 512 or size & (size - 1):  # noqa: PLR2004 - the least there is
                raise UnviewedError("its header names no length of a page")
            pages = file.seek(0, 2) // size
            joined: list[bytes] = []
            for number in range(1, pages + 1):
                file.seek((number - 1) * size)
                after = int.from_bytes(file.read(_POINTER_BYTES), "big")
                if not 1 < after <= pages:
                    continue
                file.seek(number * size - _EDGE)
                end = file.read(_EDGE)
                file.seek((after - 1) * size + _POINTER_BYTES)
                joined.append(end + file.read(_EDGE))
                if len(joined) * _EDGE * 2 > _PIECE:
                    yield _SEPARATOR.join(joined)
                    joined = []
            yield _SEPARATOR.join(joined)
    except OSError as error:
        raise UnviewedError(error.strerror or str(error)) from error


def full_text(path: Path) -> Iterator[bytes]:
    """Yield the texts that the index of a search for words holds, put together from their groups of three letters.

    The index keeps what its table does not hold any more: https://www.sqlite.org/fts5.html#the_fts5vocab_virtual_table_module
    """
    try:
        with reading(path) as database:
            named = database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%fts5%trigram%'"
            ).fetchall()
            for number, (name,) in enumerate(named):
                quoted = str(name).replace("'", "''")
                database.execute(
                    f"CREATE VIRTUAL TABLE temp.vocabulary_{number} USING fts5vocab(main, '{quoted}', 'instance')"
                )
                texts: dict[tuple[int, str], dict[int, str]] = {}
                for term, row, column, at in database.execute(
                    f"SELECT term, doc, col, offset FROM temp.vocabulary_{number}"  # noqa: S608 - a name of ours
                ):
                    texts.setdefault((row, column), {})[at] = term
                yield "\n".join(_joined(some) for some in texts.values()).encode(errors="replace")
    except (sqlite3.Error, OSError) as error:
        raise UnviewedError(str(error)) from error


def _joined(terms: dict[int, str]) -> str:
    """Return a text by its groups of three letters: the first of each, and the rest of one that none follows."""
    found = (terms[at][:1] if at + 1 in terms else terms[at] for at in sorted(terms))
    return "".join(found)


def _of_gzip(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as file:
        yield from _pieces(file.read)


def _of_bzip2(path: Path) -> Iterator[bytes]:
    with bz2.open(path) as file:
        yield from _pieces(file.read)


def _of_xz(path: Path) -> Iterator[bytes]:
    with lzma.open(path) as file:
        yield from _pieces(file.read)


def _of_zip(path: Path) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as archive:
        for each in archive.infolist():
            with archive.open(each) as file:
                yield from _pieces(file.read)


def _of_zstd(path: Path) -> Iterator[bytes]:
    try:
        from compression import zstd  # type: ignore[import-not-found]  # noqa: PLC0415 - since Python 3.14
    except ImportError:
        raise UnviewedError("this Python reads no zstd (3.14 does)") from None
    with zstd.open(path) as file:
        yield from _pieces(file.read)


def _pieces(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield what a compressed file holds, in pieces that overlap."""
    total, before = 0, b""
    while piece := read(_PIECE):
        total += len(piece)
        if total > MOST_BYTES:
            raise UnviewedError(f"it holds more than {MOST_BYTES:,} bytes")
        yield before + piece
        before = piece[-_EDGE:]


def _whole(view: Callable[[Path], Iterator[bytes]]) -> Callable[[Path], Iterator[bytes]]:
    def guarded(path: Path) -> Iterator[bytes]:
        try:
            yield from view(path)
        except (
            OSError,
            EOFError,
            zlib.error,
            lzma.LZMAError,
            zipfile.BadZipFile,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise UnviewedError(str(error) or type(error).__name__) from error

    return guarded


_COMPRESSED = (
    (b"\x1f\x8b", "inside gzip", _whole(_of_gzip)),
    (b"PK\x03\x04", "inside zip", _whole(_of_zip)),
    (b"BZh", "inside bzip2", _whole(_of_bzip2)),
    (b"\xfd7zXZ\0", "inside xz", _whole(_of_xz)),
    (b"\x28\xb5\x2f\xfd", "inside zstd", _whole(_of_zstd)),
)
