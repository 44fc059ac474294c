"""The embedding model against the store: vectors of another dimension cannot be added, and mem0 does not say so.

Read straight from Chroma's SQLite file, and nothing is changed by looking.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from showcase.errors import StoreError
from showcase.memory.store_files import DATABASE, reading
from showcase.shell.advice import another_directory, quoted

if TYPE_CHECKING:
    from pathlib import Path


def store_dimensions(store: Path) -> dict[str, int]:
    """Return the dimension of each collection that has one; a collection gets it with its first row.

    Raises:
        StoreError: There is a database and it cannot be read.
    """
    path = store / DATABASE
    if not path.is_file() or path.stat().st_size == 0:
        return {}
    try:
        with reading(path) as database:
            rows = database.execute("SELECT name, dimension FROM collections WHERE dimension IS NOT NULL").fetchall()
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"the store at {store} cannot be read: {error}",
            hint=f"leave it as it is and begin a new one: {beside(store)}",
        ) from error
    return {str(name): int(dimension) for name, dimension in rows}


def require_same_dimensions(store: Path, *, embed_model: str, dimensions: int) -> None:
    """Refuse an embedding model whose vectors do not fit the store; call it before the first add.

    Raises:
        StoreError: The store has vectors of another dimension, or cannot be read; the hint has the way out.
    """
    for collection, there in store_dimensions(store).items():
        if there != dimensions:
            raise StoreError(mismatch(collection, there, embed_model, dimensions), hint=way_out(store))


def mismatch(collection: str, there: int, embed_model: str, dimensions: int) -> str:
    """Return the sentence that says what does not fit."""
    return (
        f"the store's collection {collection} holds vectors of {there} dimensions, {embed_model} makes {dimensions}: "
        "nothing could be added or found"
    )


def way_out(store: Path) -> str:
    """Return what to do where the dimensions differ."""
    return (
        "use the embedding model that the store was made with (--embed-model), "
        f"or leave it and begin a new one: {beside(store)}"
    )


def beside(store: Path) -> str:
    """Return the run that makes a store of its own beside this one."""
    return f"showcase run --out {quoted(another_directory(store.parent))}"
