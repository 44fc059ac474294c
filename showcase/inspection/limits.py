"""How much is looked at, so that no store, however made, costs memory or time without end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

LOOK_S = 30.0
"""For everything. A store of 500,000 rows, 100,000 writes in its queue and 1.5 GiB took 2.4 s and 39 MB on two cores,
its pages in the system's cache; what is not done by then is said not to be."""

STATEMENT_S = 1.0
"""For one statement: so long a writer may have to wait for us, as SQLite locks a database that has no write-ahead log
for readers while a statement runs (https://www.sqlite.org/lockingv3.html). What takes longer is asked in smaller
pieces."""

LOCK_WAIT_S = 5.0
"""How long another process's lock is waited for."""

MOST_ENTRIES = 100_000
"""Files and directories that are counted."""

MOST_LISTED = 500
"""Of these, files that are named."""

MOST_MISSES = 20
"""Places that could not be looked into, each told with its reason."""

DEEPEST = 16
"""Directories below each other; Chroma lays two."""

MOST_COLLECTIONS = 1_000
MOST_SEGMENTS = 20_000
MOST_USERS = 10_000
"""Different users of the whole store, or of a collection, that are counted apart."""

MOST_APART = 50_000
"""Users of all segments together that are."""

MOST_USERS_LISTED = 100
MOST_OBJECTS = 2_000
"""Tables, indexes, views and triggers of a database."""

CHARACTERS = 200
"""Of a name or an id from the store; what is longer is cut, and says so."""

DOCUMENT_CHARACTERS = 200_000
"""Of a collection's configuration, which is JSON."""

VALUE_BYTES = 1024 * 1024
"""One value, or one row, that SQLite may bring into memory."""

HEAP_BYTES = 256 * 1024 * 1024
"""All that SQLite may take in the process of `showcase inspect`. It can be lowered and never raised, and is the
process's own, not the connection's: https://www.sqlite.org/pragma.html#pragma_hard_heap_limit"""

COPY_BYTES = 256 * 1024 * 1024
"""A database that can only be read in a copy is copied unasked up to here."""


@dataclass(slots=True)
class Clock:
    """What is left of the time for a look."""

    _until: float = field(default_factory=lambda: time.monotonic() + LOOK_S)

    def left_s(self) -> float:
        """Return the seconds that are left, 0 where none are."""
        return max(0.0, self._until - time.monotonic())

    def begin_again(self) -> None:
        """Give a look its whole time from now on, as after a copy that somebody asked for."""
        self._until = time.monotonic() + LOOK_S

    @property
    def is_over(self) -> bool:
        """Whether none are."""
        return self.left_s() == 0


OUT_OF_TIME = f"the time for a look ({LOOK_S:.0f} s) was over"
