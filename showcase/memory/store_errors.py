"""What a user is told when the store cannot be used: locked, damaged, read-only, full, of another dimension.

chromadb raises classes of its own, from Rust and Python, under no common base but `Exception`; what happened
stands in SQLite's words inside their messages.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from showcase.advice import another_directory, quoted
from showcase.errors import StoreError
from showcase.shell import here

if TYPE_CHECKING:
    from pathlib import Path

DATABASE = "chroma.sqlite3"
PATIENCE_S = 3.0
"""How long a lock is waited for. chromadb itself waits for minutes, in silence."""


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)


def begin_anew(store: Path) -> str:
    """Return how to go on without losing what is there: a run without --keep-store would replace it."""
    beside = quoted(another_directory(store.parent))
    return f"leave it as it is and begin a new one: the same command, without --keep-store, with --out {beside}"


def check_database(store: Path) -> None:
    """Refuse a store that chromadb would wait for or fail on halfway.

    Raises:
        StoreError: Its database is locked, damaged or read-only.
    """
    path = store / DATABASE
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)) as database:
            database.execute("begin immediate")  # what a writer needs
            database.execute("select count(*) from sqlite_master").fetchone()
            database.execute("rollback")
    except sqlite3.Error as error:
        raise _in_words(str(error), store) from error
    if not os.access(path, os.W_OK) or not os.access(store, os.W_OK):
        raise _in_words("readonly", store)


def check_dimensions(memory: Any, dimensions: int, store: Path) -> None:  # noqa: ANN401 - mem0's own class
    """Refuse a store whose vectors have another dimension than the embedding model's.

    Raises:
        StoreError: They have.
    """
    vectors = memory.vector_store.collection.get(limit=1, include=["embeddings"])["embeddings"]
    if len(vectors) and len(vectors[0]) != dimensions:
        raise _other_dimension(store, f"its vectors have {len(vectors[0])} dimensions, the model's {dimensions}")


def as_store_error(error: BaseException, store: Path) -> StoreError | None:
    """Return what a user sees instead of an error of chromadb, SQLite or the file system, None for any other."""
    if isinstance(error, OSError) and not isinstance(error, (ConnectionError, TimeoutError)):
        if error.errno in _FULL:
            return _in_words("disk is full", store)
        if error.errno in _DENIED:
            return _in_words("readonly", store)
        return _in_words(error.strerror or str(error), store)
    module = type(error).__module__.partition(".")[0]
    # A panic in chromadb's Rust core is not even an `Exception`.
    if isinstance(error, sqlite3.Error) or module in ("chromadb", "pyo3_runtime"):
        return _in_words(str(error), store)
    return None


def _in_words(text: str, store: Path) -> StoreError:
    words = text.lower()
    if "locked" in words or "busy" in words:
        return StoreError(
            f"the store {store} is locked by another process",
            hint=f"see which: {here().who_has_open(store / DATABASE)}",
        )
    if "readonly" in words or "read-only" in words or "permission denied" in words or "unable to open" in words:
        return StoreError(f"the store {store} cannot be written", hint=_writable(store))
    if "full" in words or "no space" in words or "disk i/o" in words or "file too large" in words:
        return StoreError(
            f"the disk of the store {store} is full: {text}", hint=f"see what fills it: {here().free_space(store)}"
        )
    if "not a database" in words or "malformed" in words or "corrupt" in words:
        return StoreError(f"the store {store} is damaged: {text}", hint=begin_anew(store))
    if "dimension" in words:
        return _other_dimension(store, text)
    return StoreError(f"the store {store} cannot be used: {text}", hint=begin_anew(store))


def _writable(store: Path) -> str:
    """Return what lets this user write: a change of its mode where that is in this user's hand."""
    read_only = hasattr(os, "statvfs") and os.statvfs(store).f_flag & os.ST_RDONLY
    if read_only or (hasattr(os, "geteuid") and store.stat().st_uid != os.geteuid()):
        return begin_anew(store)
    return here().make_writable(store)


def _other_dimension(store: Path, text: str) -> StoreError:
    return StoreError(
        f"the store {store} was planted with another embedding model: {text}",
        hint=f"name that model with --embed-model; or {begin_anew(store)}",
    )
