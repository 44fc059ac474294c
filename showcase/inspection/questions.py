"""Asks a database in pieces: each short enough to keep no writer waiting, all of them within the time for a look."""

from __future__ import annotations

import re
import sqlite3
import time
from typing import TYPE_CHECKING, Any

from showcase.inspection.header import UnreadError
from showcase.inspection.limits import LOCK_WAIT_S, MOST_OBJECTS, OUT_OF_TIME, STATEMENT_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.inspection.limits import Clock

_STEPS = 1000
"""Of SQLite's machine between two looks at the clock."""

_FIRST_PIECE, _LARGEST_PIECE, _SMALLEST_PIECE = 1_000, 10_000, 8
_FAST_S = 0.1
_LOCK_PERIOD_S = 0.002

_LEAST, _GREATEST = -(2**63), 2**63 - 1

_MADE = re.compile(
    r"CREATE (?:(?P<table>TABLE) (?:\"(?P<a>[^\"]+)\"|'(?P<b>[^']+)'|\[(?P<c>[^\]]+)\]|`(?P<d>[^`]+)`|(?P<e>\w+))"
    r"|(?P<virtual>VIRTUAL TABLE)|(?P<view>VIEW)|(?P<trigger>TRIGGER)|(?:UNIQUE )?INDEX)"
)
"""How SQLite itself begins what it writes into a schema. It reads this text, and not the columns beside it, so that a
table of this text is a table; what is there twice makes the whole schema unreadable."""

_STORED, _COMPUTED = 0, (2, 3)


class Reader:
    """Asks one database.

    Args:
        connection: With `opening`'s bounds.
        clock: The time for a look.
    """

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._until = 0.0
        connection.set_progress_handler(self._is_late, _STEPS)

    def rows(self, statement: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a statement that has a LIMIT.

        Raises:
            UnreadError: It cannot be answered, or not in time.
        """
        waited_from = time.monotonic()
        while True:
            if self._clock.is_over:
                raise UnreadError(OUT_OF_TIME)
            self._until = time.monotonic() + min(STATEMENT_S, self._clock.left_s())
            try:
                return self._connection.execute(statement, parameters).fetchall()
            except (sqlite3.Error, sqlite3.Warning, MemoryError, UnicodeError) as error:
                why = OUT_OF_TIME if self._clock.is_over else reason(error)
                if why != LOCKED or time.monotonic() - waited_from > LOCK_WAIT_S:
                    raise UnreadError(why) from error
            # SQLite's own waiting sleeps ever longer, and misses every moment between two writes of a busy writer.
            time.sleep(_LOCK_PERIOD_S)

    def pieces(self, statement: str) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a statement in pieces.

        Args:
            statement: Its first column is a whole number by which it is sorted, its parameters are the least such
                number and a limit.

        Raises:
            UnreadError: It cannot be answered to the end; what was yielded until then stands.
        """
        least, size = _LEAST, _FIRST_PIECE
        while True:
            began = time.monotonic()
            try:
                found = self.rows(statement, (least, size))
            except UnreadError as error:
                if error.why != LATE or size <= _SMALLEST_PIECE:
                    raise
                size //= 8
                continue
            yield found
            if len(found) < size or found[-1][0] == _GREATEST:
                return
            if not isinstance(found[-1][0], int) or found[-1][0] < least:
                raise UnreadError("its rows are not in the order of their numbers: it is damaged")
            least = found[-1][0] + 1
            if time.monotonic() - began < _FAST_S:
                size = min(_LARGEST_PIECE, size * 2)

    def _is_late(self) -> bool:
        return time.monotonic() > self._until


LOCKED = "it is locked by another process"
LATE = f"a question took longer than {STATEMENT_S:.0f} s"


def reason(error: Exception) -> str:
    """Return in words what SQLite says."""
    told = str(error)
    if isinstance(error, UnicodeError):  # a name in it that SQLite would have quoted
        return "it is damaged: what SQLite says of it is no text"
    if isinstance(error, MemoryError):
        return "it takes more memory than a look may"
    if told == "interrupted":
        return LATE
    if "locked" in told or "busy" in told:
        return LOCKED
    if "prohibited" in told or "not authorized" in told:
        return f"what it asks for is not done here: {told}"
    return told or type(error).__name__


class Schema:
    """Which tables there are, and what else.

    Raises:
        UnreadError: The schema cannot be read.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.tables: set[str] = set()
        self.strange: list[str] = []
        text = "SELECT substr(name, 1, 200), substr(sql, 1, 400) FROM sqlite_master WHERE sql IS NOT NULL LIMIT ?"
        rows = reader.rows(text, (MOST_OBJECTS + 1,))
        for name, sql in rows[:MOST_OBJECTS]:
            made = _MADE.match(str(sql))
            if made is None or made["trigger"] or made["view"] or made["virtual"]:
                what = "something" if made is None else (made["trigger"] or made["view"] or made["virtual"]).lower()
                self.strange.append(f"{what} {name}")
            elif made["table"]:
                self.tables.add(str(made["a"] or made["b"] or made["c"] or made["d"] or made["e"]).lower())
        if len(rows) > MOST_OBJECTS:
            self.strange.append(f"more than {MOST_OBJECTS:,} tables, indexes and others")

    def need(self, table: str, *columns: str) -> set[str]:
        """Return the columns of a table that has these; likewise.

        Raises:
            UnreadError: It lacks one, too.
        """
        there = self.columns(table)
        lacking = [name for name in columns if name not in there]
        if lacking:
            raise UnreadError(
                f"its table {table} has no column {lacking[0]}: it is of a version that is not known here"
            )
        return there

    def columns(self, table: str) -> set[str]:
        """Return the columns of a table that hold what was written into them.

        Raises:
            UnreadError: There is no table of that name, or what it holds is computed when it is read.
        """
        if table not in self.tables:
            raise UnreadError(f"it has no table {table}")
        rows = self._reader.rows(f'PRAGMA table_xinfo("{table}")')
        if any(row[-1] in _COMPUTED for row in rows):
            raise UnreadError(f"columns of the table {table} are computed when they are read: that is not run")
        return {str(row[1]).lower() for row in rows if row[-1] == _STORED}
