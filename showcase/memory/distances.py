"""Whether the distances of a store are those that cosines are made of here: squared L2, of vectors of unit length.

Chroma writes what a collection compares by into its database, in another column with nearly each version; it is read
there, because asking a collection of somebody else's for its configuration would build what that names.
"""

from __future__ import annotations

import math
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from showcase.errors import StoreError
from showcase.memory.layouts import PREFIX
from showcase.memory.mem0_store import COLLECTION
from showcase.memory.store_files import DATABASE
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from showcase.memory.collections import Collections
    from showcase.memory.store_record import Layout
    from showcase.settings.store_place import StorePlace

SQUARED_L2 = "l2"
UNIT_TOLERANCE = 1e-2
"""Vectors are kept in 32 bits, some models' in 16 before: what they lose is far below, another length far above."""

_SPACE = re.compile(r'"space"\s*:\s*"(\w+)"')
_COLUMNS = ("config_json_str", "schema_str", "configuration_json_str")


def check_space(place: StorePlace, layout: Layout) -> None:
    """Refuse a store whose collections compare vectors by anything else than squared L2 distance.

    Raises:
        StoreError: One does, or it cannot be read.
    """
    for name, said in spaces(place).items():
        others = said - {SQUARED_L2}
        if others and (name == COLLECTION if layout == "shared" else name.startswith(PREFIX)):
            raise StoreError(
                f"the collection {name} of the store {place.named} compares vectors by {' and '.join(sorted(others))}, "
                "and cosines are told here from squared L2 distances",
                hint="bring its memories into a store of this program's: showcase memories export --store "
                f"{quoted(place.named)} memories.jsonl; then: showcase memories import --store DIR memories.jsonl",
            )


def spaces(place: StorePlace) -> dict[str, set[str]]:
    """Return what each collection says that it compares by; nothing for one that does not say.

    Raises:
        StoreError: The database cannot be read.
    """
    database = place.chroma / DATABASE
    if not database.is_file():
        return {}
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as read:
            there = {str(row[1]) for row in read.execute("PRAGMA table_info(collections)")}
            columns = [column for column in _COLUMNS if column in there]
            found: dict[str, set[str]] = {}
            for name, *texts in read.execute(f"SELECT {', '.join(['name', *columns])} FROM collections"):  # noqa: S608 - names of ours
                said = {space for text in texts if isinstance(text, str) for space in _SPACE.findall(text)}
                found[str(name)] = said
            old = (
                "SELECT c.name, m.str_value FROM collections c JOIN collection_metadata m ON m.collection_id = c.id "
                "WHERE m.key = 'hnsw:space'"
            )
            for name, space in read.execute(old):
                found.setdefault(str(name), set()).add(str(space))
            return found
    except sqlite3.Error as error:
        raise StoreError(f"the store {place.named} cannot be read: {error}", hint="showcase doctor") from error


def check_unit_length(rows: Collections) -> None:
    """Refuse a store, by its first vector, whose vectors are not of unit length.

    Raises:
        StoreError: They are not.
    """
    for collection in rows.all():
        with rows.translated():
            first = collection.get(limit=1, include=["embeddings"])["embeddings"]
        norm = math.hypot(*first[0]) if len(first) else 1.0
        if abs(norm - 1) > UNIT_TOLERANCE:
            raise StoreError(
                f"the store {rows.place.named} holds vectors of length {norm:.3f} instead of 1: no cosine can be told",
                hint="make them anew by a model whose vectors have that length: showcase memories reembed --store "
                f"{quoted(rows.place.named)} --embed-model NAME",
            )
