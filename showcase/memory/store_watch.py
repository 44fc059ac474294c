"""Whether anybody wrote to a store since it was opened.

An open client of Chroma misses the new rows of another process in a query, and returns those that were deleted.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class StoreWatch:
    """Counts the commits of all other connections, of this process or another.

    SQLite counts them for each connection: https://www.sqlite.org/pragma.html#pragma_data_version

    Args:
        database: Chroma's.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._connection: sqlite3.Connection | None = None
        self._seen: int | None = None

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

    def _version(self) -> int | None:
        if self._connection is None:
            if not self._database.is_file():
                return None
            self._connection = sqlite3.connect(f"{self._database.resolve().as_uri()}?mode=ro", uri=True)
        with closing(self._connection.execute("PRAGMA data_version")) as answer:
            return int(answer.fetchone()[0])
