"""Whether anybody wrote to a store since it was opened.

An open client of Chroma misses the new rows of another process in a query, and returns those that were deleted.
Commits cannot be counted for that: Chroma 1.5 writes a row of its own (`acquire_write`) with every query.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class StoreWatch:
    """Reads how far the queue has come through which every write of rows goes, and which collections there are.

    Each write has a number, the next one of the queue; where the queue was emptied since, the number stands with the
    index that took it in. A database that is laid out otherwise has changed with every look.

    Args:
        database: Chroma's.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._connection: sqlite3.Connection | None = None
        self._seen: object = None

    def begin(self) -> None:
        """Take what is there now for seen; call it before the store is opened, and what comes meanwhile is a change."""
        self._seen = self._version()

    def changed(self) -> bool:
        """Tell whether somebody wrote since; a database that was not there before counts as that."""
        return self._version() != self._seen

    def close(self) -> None:
        """Let go of the database."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._seen = None

    def _version(self) -> object:
        if self._connection is None:
            if not self._database.is_file():
                return None
            self._connection = sqlite3.connect(f"{self._database.resolve().as_uri()}?mode=ro", uri=True)
        try:
            # Another file in its place is another store, whatever the one that is open says.
            which = self._database.stat().st_ino
            return which, *(tuple(self._connection.execute(query).fetchall()) for query in _QUERIES)
        except (sqlite3.Error, OSError):
            return object()


_QUERIES = (
    # Its ends, each of which an index finds: the queue holds a thousand rows of each collection with their vectors, and
    # to count those takes as long as there are users. What is emptied is emptied from the older end.
    "SELECT (SELECT min(seq_id) FROM embeddings_queue), (SELECT max(seq_id) FROM embeddings_queue)",
    "SELECT segment_id, seq_id FROM max_seq_id ORDER BY segment_id",
    "SELECT id, dimension FROM collections ORDER BY id",
)
