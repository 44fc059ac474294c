"""The files of a store as some process left them: a write that was cut off, an index that is not whole, no file at all.

Read without changing any of them, and without Chroma: what it would crash on is found before it does.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import struct
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents.leftovers import temporary
from showcase.documents.overwriting import clear

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE = "chroma.sqlite3"
HISTORY = "history.db"
"""mem0's own database, in its own directory."""

OLDEST_SQLITE = (3, 35, 0)
"""Below it chromadb refuses to be imported: https://docs.trychroma.com/docs/overview/troubleshooting#sqlite"""

WAIT_S = 5.0

UNFINISHED = "an unfinished write of a process that was ended"

_JOURNAL, _LOG, _LOG_INDEX = "-journal", "-wal", "-shm"
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
"""First bytes of a journal, and last ones of one that names another file: https://www.sqlite.org/fileformat.html#the_rollback_journal"""

_READ_VERSION, _BY_LOG = 19, 2
"""Place in a database's header, and what stands there where a log of writes lies beside it:
https://www.sqlite.org/fileformat.html#file_format_version_numbers"""

_INDEX_FILES = ("header.bin", "data_level0.bin", "length.bin", "link_lists.bin")
_IDS = "index_metadata.pickle"
_STOP = b"."
"""Last byte of every whole pickle; none is ever loaded here, for that would run what is in it."""

_HEADER = struct.Struct("<iQQQQQQiIQQQdQ")
"""hnswlib's, as Chroma writes it: version, offset, room, elements, bytes an element, and what it was made with
(`saveIndex` and `persistDirty` of https://github.com/chroma-core/hnswlib, hnswalg.h)."""

_LAYOUT = 1
_WORD = struct.Struct("<I")


def sqlite_flaw() -> str | None:
    """Return why this Python's SQLite is no use to Chroma, None where it is one."""
    if sqlite3.sqlite_version_info >= OLDEST_SQLITE:
        return None
    oldest = ".".join(map(str, OLDEST_SQLITE))
    return f"this Python has SQLite {sqlite3.sqlite_version}, and Chroma needs {oldest} or newer"


def not_a_file(path: Path) -> str | None:
    """Return what stands where a database should, None where there is a file or nothing."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return "a link that leads nowhere" if path.is_symlink() else None
    except OSError as error:
        return f"something that cannot be looked at ({error.strerror})"
    if stat.S_ISREG(mode):
        return None
    return "a directory" if stat.S_ISDIR(mode) else "no regular file"


def unfinished(database: Path) -> bool:
    """Return whether a process was ended in the middle of a write, which the next one that writes will undo.

    Raises:
        sqlite3.Error: It cannot be read for another reason.
    """
    if not os.path.lexists(f"{database}{_JOURNAL}"):
        return False
    try:
        with closing(_by_name(database)) as found:
            found.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        # SQLITE_READONLY_ROLLBACK, https://www.sqlite.org/rescode.html#readonly_rollback: a journal that is somebody's
        # at work is no such thing.
        if "readonly" in str(error):
            return True
        raise
    return False


@contextmanager
def reading(database: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection that sees the database as the next process will, and changes nothing beside it.

    Where SQLite would have to write to see it so (undo what was not finished, lay out a log of writes), it does that in
    a copy, which is taken away after.

    Raises:
        sqlite3.Error: It cannot be read.
        OSError: There is no room for a copy.
    """
    if not (unfinished(database) or _has_log(database)):
        with closing(_by_name(database)) as found:
            yield found
        return
    with temporary("showcase-store-") as place:
        copy = place / database.name
        for suffix in ("", _JOURNAL, _LOG):
            if _is_there(database, suffix):
                shutil.copyfile(f"{database}{suffix}", f"{copy}{suffix}")
        if names_another(Path(f"{copy}{_JOURNAL}")):
            raise sqlite3.DatabaseError("its journal names a file elsewhere, which SQLite would remove to undo it")
        try:
            with closing(sqlite3.connect(copy, timeout=WAIT_S)) as found:
                yield found
        finally:
            clear(place)  # what is being forgotten is not to stay in the blocks of a copy


def names_another(journal: Path) -> bool:
    """Return whether a journal names a file that holds several databases together, as it ends.

    SQLite removes that file, wherever it lies, when it undoes the last of them: a journal that somebody else wrote may
    name any file of the user's (`pager_playback` and `pager_delsuper` of https://sqlite.org/src/file/src/pager.c).

    Raises:
        OSError: It cannot be read.
    """
    if not journal.is_file():
        return False
    with journal.open("rb") as file:
        if file.seek(0, os.SEEK_END) < len(_JOURNAL_MAGIC):
            return False
        file.seek(-len(_JOURNAL_MAGIC), os.SEEK_END)
        return file.read() == _JOURNAL_MAGIC


def index_flaw(store: Path, found: sqlite3.Connection) -> str | None:
    """Return what is missing of the vectors' index, None where it is whole, or was not written yet.

    Chroma answers from what is left of an index that was cut, or crashes.

    Args:
        store: The store's directory.
        found: Its database.
    """
    segments = "SELECT s.id, m.segment_id FROM segments s LEFT JOIN max_seq_id m ON m.segment_id = s.id "
    for segment, written in found.execute(segments + "WHERE s.scope = 'VECTOR' AND s.type LIKE '%hnsw%persisted'"):
        directory = store / str(segment)
        if written is None and not (directory / _IDS).exists():
            continue  # all vectors still wait in the database
        missing = [name for name in (*_INDEX_FILES, _IDS) if not (directory / name).is_file()]
        if missing:
            return f"of the index {segment} there is no {' and no '.join(missing)}"
        flaw = _flaw_of(directory)
        if flaw is not None:
            return f"the index {segment} is cut: {flaw}"
    return None


def _flaw_of(directory: Path) -> str | None:
    """Return which file of an index holds less than its header says."""
    with (directory / "header.bin").open("rb") as file:
        header = file.read(_HEADER.size)  # of a foreign store it may have any length
    if len(header) >= _WORD.size and _WORD.unpack_from(header)[0] != _LAYOUT:
        return None  # laid out otherwise than is known here
    if len(header) < _HEADER.size:
        return f"header.bin has {len(header)} bytes of {_HEADER.size}"
    elements, bytes_each = _HEADER.unpack_from(header)[3:5]
    for name, needed in (("data_level0.bin", elements * bytes_each), ("length.bin", elements * _WORD.size)):
        there = (directory / name).stat().st_size
        if there < needed:
            return f"{name} has {there} bytes of {needed}"
    links = _links(directory / "link_lists.bin", elements)
    if links < elements:
        return f"link_lists.bin has the links of {links} elements of {elements}"
    return None if _ends(directory / _IDS) else f"{_IDS} has no end"


def elements_of(directory: Path) -> tuple[int, int] | None:
    """Return how many elements an index says that it has, and bytes of each; None where it is laid out otherwise.

    Raises:
        OSError: It cannot be read.
    """
    path = directory / "header.bin"
    header = path.read_bytes()[: _HEADER.size] if path.is_file() else b""
    if len(header) < _HEADER.size or _WORD.unpack_from(header)[0] != _LAYOUT:
        return None
    elements, bytes_each = _HEADER.unpack_from(header)[3:5]
    return elements, bytes_each


def _ends(pickle: Path) -> bool:
    with pickle.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-len(_STOP), os.SEEK_END)
        return file.read() == _STOP


def _links(path: Path, most: int) -> int:
    """Return for how many elements a file has its links whole: for each their length and as many bytes."""
    size, count = path.stat().st_size, 0
    with path.open("rb") as file:
        while count < most and len(word := file.read(_WORD.size)) == _WORD.size:
            if file.seek(_WORD.unpack(word)[0], os.SEEK_CUR) > size:
                break
            count += 1
    return count


def _by_name(database: Path) -> sqlite3.Connection:
    # SQLite opens what has these names, whatever it is, and would wait for ever at a pipe.
    for suffix in (_JOURNAL, _LOG, _LOG_INDEX):
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(Path(f"{database}{suffix}").lstat().st_mode):
                raise sqlite3.DatabaseError(f"{database.name}{suffix} beside it is no regular file")
    return sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=WAIT_S)


def _is_there(database: Path, suffix: str) -> bool:
    with suppress(OSError):
        return Path(f"{database}{suffix}").stat().st_size > 0
    return False


def _has_log(database: Path) -> bool:
    with database.open("rb") as file:
        return file.read(_READ_VERSION + 1)[_READ_VERSION:] == bytes([_BY_LOG])
