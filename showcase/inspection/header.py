"""A database as a file: its first hundred bytes, and what SQLite left beside it. SQLite is not asked."""

from __future__ import annotations

import os
import stat
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from showcase.documents import regular_file
from showcase.documents.regular_file import NoRegularFileError
from showcase.inspection.facts import Database
from showcase.inspection.files import disk_bytes, kind

JOURNAL, WAL, SHM = "-journal", "-wal", "-shm"

_MAGIC = b"SQLite format 3\0"
"""https://www.sqlite.org/fileformat.html#the_database_header, as all places and meanings below."""

_HEADER = struct.Struct(">16sHBB4xII4xI52xII")
"""Magic, length of a page, write and read version, counter of changes, pages, free pages, the change that the count of
pages is valid for, the SQLite that wrote it."""

_LONG_PAGE = 65536
_BY_LOG = 2
_WAL_HEADER, _FRAME_HEADER = 32, 24
"""Lengths in a write-ahead log: https://www.sqlite.org/fileformat.html#wal_file_format"""


class UnreadError(Exception):
    """Why something could not be read, and what makes it possible, where something does.

    Attributes:
        cut_off: Whether it was seen that a process was ended in the middle of a write.
    """

    def __init__(self, why: str, *, fix: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.fix = fix
        self.cut_off = False


class NoDatabaseError(UnreadError):
    """What should be a database is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDisk:
    """A database and the files that SQLite keeps beside it.

    Attributes:
        path: The database.
        facts: What is told of it.
        has_shm: Whether the index of a write-ahead log lies beside it.
        has_wal: Whether a write-ahead log does, be it an empty one.
    """

    path: Path
    facts: Database
    has_shm: bool
    has_wal: bool


def on_disk(path: Path, shown: str) -> OnDisk:
    """Return what a database's header says.

    Args:
        path: The database.
        shown: How it is called.

    Raises:
        UnreadError: It cannot be read, or what lies beside it is no file, at which SQLite would wait or go astray.
        NoDatabaseError: It is none.
    """
    try:
        seen, head = _head(path)
        beside = {suffix: _beside(path, suffix) for suffix in (JOURNAL, WAL, SHM)}
    except OSError as error:
        raise UnreadError(error.strerror or str(error)) from error
    if head and not head.startswith(_MAGIC[: len(head)]):
        raise NoDatabaseError("it is no SQLite database: its first bytes are not those of one")
    sizes = {suffix: -1 if found is None else found.st_size for suffix, found in beside.items()}
    page_bytes, pages, free_pages, log, written_by = _read(head)
    wal_bytes = max(0, sizes[WAL])
    return OnDisk(
        path=path,
        facts=Database(
            path=shown,
            size_bytes=seen.st_size,
            disk_bytes=disk_bytes(seen),
            page_bytes=page_bytes,
            pages=pages,
            free_pages=free_pages,
            log=log,
            written_by=written_by,
            journal_bytes=max(0, sizes[JOURNAL]),
            wal_bytes=wal_bytes,
            wal_frames=max(0, wal_bytes - _WAL_HEADER) // (_FRAME_HEADER + page_bytes) if page_bytes else 0,
            unfinished=None if sizes[JOURNAL] > 0 else False,
            read=None,
        ),
        has_shm=beside[SHM] is not None,
        has_wal=beside[WAL] is not None,
    )


def opened(path: Path) -> int:
    """Return a descriptor of a regular file, and of nothing that is none.

    Raises:
        OSError: It cannot be opened.
        UnreadError: It is no regular file.
    """
    try:
        return regular_file.opened(path)
    except NoRegularFileError as error:
        raise _other(path, error.seen) from error


def _head(path: Path) -> tuple[os.stat_result, bytes]:
    descriptor = opened(path)
    try:
        return os.fstat(descriptor), os.read(descriptor, _HEADER.size)
    finally:
        os.close(descriptor)


def _beside(path: Path, suffix: str) -> os.stat_result | None:
    other = Path(f"{path}{suffix}")
    with suppress(FileNotFoundError):
        seen = other.lstat()
        if not stat.S_ISREG(seen.st_mode):
            raise _other(other, seen)
        return seen
    return None


def _other(path: Path, seen: os.stat_result) -> UnreadError:
    return UnreadError(f"{path.name} is no regular file but a {kind(seen)}")


_Read = tuple["int | None", "int | None", "int | None", "Literal['journal', 'write-ahead log'] | None", "str | None"]


def _read(head: bytes) -> _Read:
    """Return length of a page, pages, free pages, how it is written, and which SQLite wrote it."""
    if len(head) < _HEADER.size:
        return None, None, None, None, None
    _, page, write, read, change, pages, free, valid_for, version = _HEADER.unpack(head)
    page_bytes = _LONG_PAGE if page == 1 else page
    whole = page_bytes >= 512 and not page_bytes & (page_bytes - 1)  # noqa: PLR2004 - the least there is
    return (
        page_bytes if whole else None,
        pages if pages and valid_for == change else None,
        free,
        "write-ahead log" if _BY_LOG in (write, read) else "journal",
        f"{version // 1_000_000}.{version // 1000 % 1000}.{version % 1000}" if version else None,
    )
