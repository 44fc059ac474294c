"""What a user is told when the store cannot be used: locked, damaged, read-only, full, of another dimension.

chromadb raises classes of its own, from Rust and Python, under no common base but `Exception`; what happened
stands in SQLite's words inside their messages.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import traceback
from contextlib import closing
from pathlib import Path
from typing import Any

from showcase.errors import StoreError
from showcase.memory.store_files import DATABASE, HISTORY, index_flaw, not_a_file, sqlite_flaw
from showcase.shell import here
from showcase.shell.advice import another_directory, quoted

PATIENCE_S = 3.0
"""How long a lock is waited for. chromadb itself waits for minutes, in silence."""

_ROOM_BYTES = 1024 * 1024
"""What a statement of Chroma's may want at once: a disk with less has none."""

_LEAST_BYTES = 64 * 1024
"""A disk with less has no room for a page, a journal and an index: whatever is said of the store, that is the cause."""

NEWER_SQLITE = "make an environment whose Python brings a newer one: uv venv --managed-python --python 3.13 .venv-3.13"
"""A Python of uv's own carries its SQLite with it; that of a system has the system's."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)


def begin_anew(store: Path) -> str:
    """Return how to go on without losing what is there: a run without --keep-store would replace it."""
    beside = quoted(another_directory(store.parent))
    return f"leave it as it is and begin a new one: the same command, without --keep-store, with --out {beside}"


def check_sqlite() -> None:
    """Refuse a Python whose SQLite Chroma does not take.

    Raises:
        StoreError: It is too old.
    """
    flaw = sqlite_flaw()
    if flaw is not None:
        raise StoreError(flaw, hint=NEWER_SQLITE)


def check_databases(store: Path, home: Path) -> None:
    """Refuse a store that chromadb or mem0 would wait for, crash on, or fail on halfway.

    What a writer that was ended left unfinished is undone here, as by whoever writes next.

    Raises:
        StoreError: A database is locked, damaged, read-only or no file, or an index is not whole.
    """
    for path in (store / DATABASE, home / HISTORY):
        there = not_a_file(path)
        if there is not None:
            raise StoreError(f"{path} is {there}, and no database", hint=_way_out(store, path))
        if not path.exists():
            continue
        try:
            with closing(sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)) as database:
                database.execute("begin immediate")  # what a writer needs
                tables = {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
                flaw = index_flaw(store, database) if {"segments", "max_seq_id"} <= tables else None
                database.execute("rollback")
        except sqlite3.Error as error:
            raise _in_words(str(error), store, path) from error
        if flaw is not None:
            raise StoreError(f"the store {store} is damaged: {flaw}", hint=begin_anew(store))
        if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
            raise _in_words("readonly", store, path)


def check_dimensions(memory: Any, dimensions: int, store: Path) -> None:  # noqa: ANN401 - mem0's own class
    """Refuse a store whose vectors have another dimension than the embedding model's.

    Raises:
        StoreError: They have.
    """
    vectors = memory.vector_store.collection.get(limit=1, include=["embeddings"])["embeddings"]
    if len(vectors) and len(vectors[0]) != dimensions:
        raise _other_dimension(store, f"its vectors have {len(vectors[0])} dimensions, the model's {dimensions}")


def as_store_error(error: BaseException, store: Path, home: Path | None) -> StoreError | None:
    """Return what a user sees instead of an error of chromadb, SQLite or the file system, None for any other.

    Args:
        error: What was raised.
        store: Chroma's directory.
        home: mem0's own, None where only Chroma was used.
    """
    if isinstance(error, OSError) and not isinstance(error, (ConnectionError, TimeoutError)):
        if error.errno in _FULL:
            return _in_words("disk is full", store)
        if error.errno in _DENIED:
            return _in_words("readonly", store)
        return _in_words(error.strerror or str(error), store)
    module = type(error).__module__.partition(".")[0]
    # A panic in chromadb's Rust core is not even an `Exception`.
    if isinstance(error, sqlite3.Error) or module in ("chromadb", "pyo3_runtime"):
        # Chroma has an SQLite of its own: Python's speaks of mem0's history, unless Chroma's Python asked it.
        of_chroma = home is None or module != "sqlite3" or "chromadb" in _inside(error)
        return _in_words(str(error), store, None if home is None or of_chroma else home / HISTORY)
    return None


def _inside(error: BaseException) -> set[str]:
    """Return the packages through which an error came."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    return {str(frame.f_globals.get("__name__", "")).partition(".")[0] for frame in frames}


def _in_words(text: str, store: Path, database: Path | None = None) -> StoreError:
    """Return what happened to a database, Chroma's where none is named."""
    path = store / DATABASE if database is None else database
    place = store if path.name == DATABASE else path
    what = f"the store {place}" if place == store else f"mem0's history {place}"
    words = text.lower()
    if "locked" in words or "busy" in words:
        return StoreError(f"{what} is locked by another process", hint=f"see which: {here().who_has_open(path)}")
    if "readonly" in words or "read-only" in words or "permission denied" in words or "unable to open" in words:
        return StoreError(f"{what} cannot be written", hint=_writable(path.parent, store))
    told = ("full", "no space", "disk i/o", "file too large")
    if any(each in words for each in told) or _is_full(path.parent):  # Chroma has many words for it
        beside = _full_beside(path.parent)
        if beside is not None:
            return StoreError(
                f"the disk of temporary files {beside} is full, which {what} needs: {text}",
                hint=f"see what fills it: {here().free_space(beside)}; or name another directory in TMPDIR",
            )
        return StoreError(
            f"the disk of {what} is full: {text}", hint=f"see what fills it: {here().free_space(path.parent)}"
        )
    if "not a database" in words or "malformed" in words or "corrupt" in words:
        return StoreError(f"{what} is damaged: {text}", hint=_way_out(store, path))
    if "dimension" in words:
        return _other_dimension(store, text)
    if "inconsistent hash" in words or "migration" in words:
        return StoreError(f"{what} was made by another version of Chroma: {text}", hint=begin_anew(store))
    return StoreError(f"{what} cannot be used: {text}", hint=begin_anew(store))


def _is_full(directory: Path) -> bool:
    try:
        return shutil.disk_usage(directory).free < _LEAST_BYTES
    except OSError:
        return False


def _full_beside(directory: Path) -> Path | None:
    """Return where SQLite keeps its temporary files, where that is full and the directory itself is not.

    Source: "Temporary File Storage Locations" of https://www.sqlite.org/tempfiles.html
    """
    named = os.environ.get("SQLITE_TMPDIR") or os.environ.get("TMPDIR")
    try:
        if named and shutil.disk_usage(named).free < _ROOM_BYTES <= shutil.disk_usage(directory).free:
            return Path(named)
    except OSError:  # neither can be asked: what was said stands
        pass
    return None


def without_history(path: Path) -> str:
    """Return how to go on without mem0's history: the memories are Chroma's, and a new history is made."""
    return f"put it aside, and mem0 makes a new one; the memories stay: {here().move(path, f'{path}-aside')}"


def _way_out(store: Path, path: Path) -> str:
    return without_history(path) if path.name == HISTORY else begin_anew(store)


def _writable(directory: Path, store: Path) -> str:
    """Return what lets this user write: a change of its mode where that is in this user's hand."""
    read_only = hasattr(os, "statvfs") and os.statvfs(directory).f_flag & os.ST_RDONLY
    if read_only or (hasattr(os, "geteuid") and directory.stat().st_uid != os.geteuid()):
        return begin_anew(store)
    return here().make_writable(directory)


def _other_dimension(store: Path, text: str) -> StoreError:
    return StoreError(
        f"the store {store} was planted with another embedding model: {text}",
        hint=f"name that model with --embed-model; or {begin_anew(store)}",
    )
