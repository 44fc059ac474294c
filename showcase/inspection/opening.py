"""Opens a foreign database so that nothing beside it is made, changed or waited for.

In place with `mode=ro`. Where SQLite would have to write to read it, to undo what was not finished or to lay out a log
of writes, it does that in a private copy. Nothing that the schema says is run: an authorizer admits tables by name, and
nothing by way of a view or a trigger; `trusted_schema` is off; values, memory and time are bounded.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents.leftovers import temporary
from showcase.inspection.header import JOURNAL, WAL, UnreadError, opened
from showcase.inspection.limits import COPY_BYTES, HEAP_BYTES, VALUE_BYTES, Clock
from showcase.inspection.questions import Reader, reason
from showcase.memory.store_files import names_another

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.inspection.facts import Database
    from showcase.inspection.header import OnDisk

_PIECE = 1024 * 1024
_TRIES = 3

_PRAGMAS = (
    "PRAGMA query_only = ON",  # the first ones before any schema is read
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",  # a file that is cut meanwhile would end the process
    "PRAGMA automatic_index = OFF",  # of a table of any length, in memory
    "PRAGMA temp_store = MEMORY",  # nothing of somebody's store goes to another place
    "PRAGMA cache_size = -8192",
)

_ACTIONS = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_PRAGMA)
_TABLES = frozenset(
    {
        "sqlite_master", "migrations", "collections", "collection_metadata", "segments", "max_seq_id", "embeddings",
        "embedding_metadata", "embeddings_queue", "history", "messages",
    }
)  # fmt: skip
_FUNCTIONS = frozenset({"substr", "length", "coalesce", "typeof"})


def bound_heap() -> None:
    """Let SQLite take no more than `HEAP_BYTES` in this process, from now on, whatever a schema or a page says."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"PRAGMA hard_heap_limit = {HEAP_BYTES}").fetchall()


@contextmanager
def reading(found: OnDisk, clock: Clock, *, copy: str, any_length: bool) -> Iterator[tuple[Reader, Database]]:
    """Yield who asks a database, and its facts with how it is read.

    Args:
        found: The database.
        clock: The time for a look.
        copy: The command that lets it be copied, however large it is.
        any_length: Whether it may be.

    Raises:
        UnreadError: It cannot be read so.
    """
    if found.facts.size_bytes == 0:
        raise UnreadError("it is empty: no table was made in it yet")
    # A log without its index: SQLite would make one, and for a database that is written so, the log too.
    in_place = found.has_shm if found.has_wal else found.facts.log != "write-ahead log"
    cut_off = False
    if in_place:
        # Else a reader of a log writes its marks into the index, and makes one where there is none.
        uri = f"{found.path.absolute().as_uri()}?mode=ro&readonly_shm=1"
        with _connected(uri) as connection:
            try:
                reader = _bounded(connection, clock)
            except UnreadError as error:
                # SQLITE_READONLY_ROLLBACK, https://www.sqlite.org/rescode.html#readonly_rollback, and
                # SQLITE_READONLY_RECOVERY: neither is so while whoever writes is at work.
                cut_off = "readonly" in error.why
                if not cut_off:
                    raise
            else:
                yield reader, replace(found.facts, unfinished=False, read="in place")
                return
    with temporary("showcase-store-") as place:
        try:
            private = _copied(found, place, copy=copy, any_length=any_length)
        except UnreadError as error:
            error.cut_off = cut_off
            raise
        clock.begin_again()
        with _connected(f"{private.as_uri()}?mode=rw") as connection:
            reader = _bounded(connection, clock)
            yield reader, replace(found.facts, unfinished=cut_off or found.facts.unfinished, read="copy")


@contextmanager
def _connected(uri: str) -> Iterator[sqlite3.Connection]:
    try:
        made = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None, cached_statements=0)
    except sqlite3.Error as error:
        raise UnreadError(reason(error)) from error
    with closing(made) as connection:
        # Bytes that are no UTF-8 are told as they are, see `surrogates.escaped`.
        connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        if sys.version_info >= (3, 11):  # before, the heap alone is bounded
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_BYTES)
        yield connection


def _bounded(connection: sqlite3.Connection, clock: Clock) -> Reader:
    """Return who asks, once the database could be opened within its bounds.

    Raises:
        UnreadError: It could not.
    """
    reader = Reader(connection, clock)
    for pragma in _PRAGMAS:
        reader.rows(pragma)
    connection.set_authorizer(_admitted)
    reader.rows("SELECT 1 FROM sqlite_master LIMIT 1")
    return reader


def _admitted(action: int, first: str | None, second: str | None, _: str | None, inner: str | None) -> int:
    """Admit reading tables that are known, and nothing that a view or a trigger asks for."""
    if action not in _ACTIONS or inner is not None:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_READ and (first or "").lower() not in _TABLES:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _FUNCTIONS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and first != "table_xinfo":
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _copied(found: OnDisk, place: Path, *, copy: str, any_length: bool) -> Path:
    """Return a copy of a database, with what SQLite needs beside it, of one moment.

    Raises:
        UnreadError: There is no room, it is too long to be copied unasked, somebody writes to it meanwhile, or undoing
            its journal would touch files elsewhere.
    """
    sources = {suffix: Path(f"{found.path}{suffix}") for suffix in ("", JOURNAL, WAL)}
    length = found.facts.size_bytes + found.facts.journal_bytes + found.facts.wal_bytes
    if length > COPY_BYTES and not any_length:
        raise UnreadError(
            f"to read it as the next process will, without changing it, takes a copy of {length:,} bytes", fix=copy
        )
    target = place / "copy.sqlite3"
    try:
        if shutil.disk_usage(place).free < length:
            raise UnreadError(f"there is no room for a copy of {length:,} bytes in {place.parent}")
        for _ in range(_TRIES):
            seen = _states(sources)
            for suffix, source in sources.items():
                if suffix in seen:
                    _copy(source, Path(f"{target}{suffix}"), seen[suffix][0])
            if _states(sources) == seen:
                break
        else:
            raise UnreadError("another process writes to it: it changed while it was copied; look again")
        if names_another(Path(f"{target}{JOURNAL}")):
            raise UnreadError("its journal names a file elsewhere, which SQLite would remove to undo what was cut off")
    except OSError as error:
        raise UnreadError(f"it cannot be copied: {error.strerror or error}") from error
    return target


def _states(sources: dict[str, Path]) -> dict[str, tuple[int, int, int]]:
    """Return what changes of a file when it is written to: length, moment, which it is."""
    found = {}
    for suffix, source in sources.items():
        with suppress(FileNotFoundError):
            seen = source.lstat()
            found[suffix] = (seen.st_size, seen.st_mtime_ns, seen.st_ino)
    return found


def _copy(source: Path, target: Path, length: int) -> None:
    """Copy so many bytes of a file; holes stay holes."""
    descriptor = opened(source)
    with os.fdopen(descriptor, "rb") as file, target.open("wb") as copied:
        left = length
        while left and (piece := file.read(min(_PIECE, left))):
            left -= len(piece)
            if piece.count(0) == len(piece):
                copied.seek(len(piece), os.SEEK_CUR)
            else:
                copied.write(piece)
        copied.truncate(length - left)
