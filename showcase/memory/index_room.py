"""What an index of vectors holds beyond its vectors: memory of the process that wrote it, which hnswlib never set.

It asks for room for more elements than there are and writes all of it to the disk: whatever that process had there
before, such as ids and texts that it was told to forget. Of `length.bin` it sets nothing at all unless distances are
cosines (`addPoint` and `persistDirty` of https://github.com/chroma-core/hnswlib, hnswalg.h).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from showcase.memory.store_files import DATABASE, elements_of, reading

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.settings.store_place import StorePlace

_LEVELS, _LENGTHS, _LENGTH_BYTES = "data_level0.bin", "length.bin", 4


def blank(place: StorePlace) -> None:
    """Write zeros over what of a store's indexes was never set. Nobody may have the store open.

    Raises:
        OSError: An index cannot be written.
        sqlite3.Error: The database cannot be read.
    """
    for segment, has_lengths in _segments(place):
        found = elements_of(place.chroma / segment)
        if found is None:
            continue
        elements, bytes_each = found
        _blank(place.chroma / segment / _LEVELS, elements * bytes_each)
        _blank(place.chroma / segment / _LENGTHS, elements * _LENGTH_BYTES if has_lengths else 0)


def _segments(place: StorePlace) -> list[tuple[str, bool]]:
    """Return the indexes, and whether each may hold lengths of its vectors."""
    query = (
        "SELECT s.id, coalesce(c.config_json_str, '') || coalesce(c.schema_str, '') || coalesce((SELECT "
        "group_concat(m.str_value) FROM collection_metadata m WHERE m.collection_id = c.id), '') "
        "FROM segments s JOIN collections c ON c.id = s.collection WHERE s.scope = 'VECTOR'"
    )
    with reading(place.chroma / DATABASE) as database:
        return [(str(segment), "cosine" in str(said)) for segment, said in database.execute(query)]


def _blank(path: Path, begin: int) -> None:
    try:
        file = path.open("r+b")
    except FileNotFoundError:
        return
    with file:
        left = file.seek(0, os.SEEK_END) - begin
        if left > 0:
            file.seek(begin)
            file.write(b"\0" * left)
