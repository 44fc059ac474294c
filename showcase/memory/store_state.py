"""The store between two processes: its files and tables, and a digest that changes when any of its files does."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from showcase.evidence import StoreFile, StoreState, StoreTable

if TYPE_CHECKING:
    from pathlib import Path

_SQLITE = b"SQLite format 3\x00"
"""First bytes of a database: https://www.sqlite.org/fileformat.html#magic_header_string"""


_PIECE = 1024 * 1024


def look(store: Path) -> StoreState | None:
    """Return the state of the store, None where there is none or a file of it cannot be read.

    Looking changes nothing on disk. A database that cannot be read has no tables here.
    """
    if not store.is_dir():
        return None
    files, tables = [], []
    try:
        for path in sorted(store.rglob("*")):
            if path.is_file():
                name = path.relative_to(store).as_posix()
                size_bytes, digest, is_database = _digested(path)
                files.append(StoreFile(path=name, size_bytes=size_bytes, sha256=digest))
                if is_database:
                    tables += [StoreTable(path=name, name=table, rows=rows) for table, rows in _rows(path)]
    except OSError:
        return None
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.path}\0{file.sha256}\n".encode())
    return StoreState(digest=whole.hexdigest(), files=tuple(files), tables=tuple(tables))


def holders(store: Path) -> list[tuple[int, str]]:
    """Return the other processes that have a file below `store` open, as far as this user may look: pid and name."""
    import psutil  # noqa: PLC0415 - only where somebody is told

    inside = str(store.resolve()) + os.sep
    found = []
    for process in psutil.process_iter(["pid", "name", "open_files"]):
        files = process.info["open_files"] or ()
        if process.pid != os.getpid() and any(file.path.startswith(inside) for file in files):
            found.append((process.pid, str(process.info["name"])))
    return sorted(found)


def _digested(path: Path) -> tuple[int, str, bool]:
    """Return a file's size, digest, and whether it begins as a database does; piece by piece, however large it is."""
    digest, size_bytes, is_database = hashlib.sha256(), 0, False
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            is_database = is_database or (size_bytes == 0 and piece.startswith(_SQLITE))
            digest.update(piece)
            size_bytes += len(piece)
    return size_bytes, digest.hexdigest(), is_database


def _rows(database: Path) -> list[tuple[str, int]]:
    """Return each table with its number of rows, as the file has them; what waits in a `-wal` file is not in it.

    `immutable` keeps SQLite from locking, from rolling back and from writing `-wal` and `-shm` files, which would
    change the digest because we looked: https://www.sqlite.org/c3ref/open.html
    """
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as found:
            names = [name for (name,) in found.execute(_TABLES)]
            return [(name, found.execute(_count(name)).fetchone()[0]) for name in names]
    except (sqlite3.Error, ValueError):  # no database after all, a damaged one, or a name that cannot be asked for
        return []


_TABLES = r"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name"
"""SQLite's own tables aside, as its shell's `.tables` does."""


def _count(table: str) -> str:
    quoted = table.replace('"', '""')
    return f'SELECT count(*) FROM "{quoted}"'  # noqa: S608 - an identifier cannot be bound; it is quoted
