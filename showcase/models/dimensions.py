"""The embedding model against the store: vectors of another dimension cannot be added, and mem0 does not say so.

Read straight from Chroma's SQLite file and read-only, so that looking changes nothing.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from showcase.advice import another_directory, quoted
from showcase.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

DATABASE = "chroma.sqlite3"
WAIT_S = 5.0


def open_read_only(store: Path) -> sqlite3.Connection:
    """Open Chroma's database in `store` so that nothing can be written.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    return sqlite3.connect(f"{(store / DATABASE).resolve().as_uri()}?mode=ro", uri=True, timeout=WAIT_S)


def store_dimensions(store: Path) -> dict[str, int]:
    """Return the dimension of each collection that has one; a collection gets it with its first row.

    Raises:
        StoreError: There is a database and it cannot be read.
    """
    if not (store / DATABASE).is_file():
        return {}
    try:
        with closing(open_read_only(store)) as database:
            rows = database.execute("SELECT name, dimension FROM collections WHERE dimension IS NOT NULL").fetchall()
    except sqlite3.Error as error:
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
