"""Rows by whom they name, and the queue: what is counted row by row, in pieces."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from showcase.inspection.header import UnreadError
from showcase.inspection.held import Queue, UserRows
from showcase.inspection.limits import CHARACTERS, MOST_APART, MOST_SEGMENTS, MOST_USERS, MOST_USERS_LISTED
from showcase.inspection.naming import cut, whole

if TYPE_CHECKING:
    from showcase.inspection.questions import Reader, Schema

_ROWS = f"""
SELECT e.id, substr(e.segment_id, 1, {CHARACTERS}), m.key IS NOT NULL,
       substr(coalesce(m.string_value, m.int_value), 1, {CHARACTERS}), length(coalesce(m.string_value, m.int_value))
FROM embeddings e LEFT JOIN embedding_metadata m ON m.id = e.id AND m.key = 'user_id'
WHERE e.id >= ? ORDER BY e.id LIMIT ?"""  # noqa: S608 - a number of this program

_QUEUE = f"""
SELECT seq_id, substr(topic, 1, {CHARACTERS}) FROM embeddings_queue
WHERE seq_id >= ? ORDER BY seq_id LIMIT ?"""  # noqa: S608 - likewise

_OTHER = "(neither text nor a whole number)"


@dataclass(slots=True)
class Tally:
    """Rows of one segment, or of the whole store.

    Attributes:
        rows: All of them.
        users: Those of each user; None for rows that name none.
        crowded: Whether there were more users than are counted apart.
    """

    rows: int = 0
    users: Counter[str | None] = field(default_factory=Counter)
    crowded: bool = False

    def add(self, user: str | None, *, room: bool) -> bool:
        """Count a row; return whether it is the first of its user here.

        Args:
            user: Whom it names.
            room: Whether another user may be counted apart.
        """
        self.rows += 1
        new = user not in self.users
        if new and not room:
            self.crowded = True
            return False
        self.users[user] += 1
        return new

    def merge(self, other: Tally) -> None:
        """Count all rows of another."""
        self.rows += other.rows
        self.crowded = self.crowded or other.crowded
        for user, rows in other.users.items():
            if user in self.users or len(self.users) < MOST_USERS:
                self.users[user] += rows
            else:
                self.crowded = True

    def listed(self) -> tuple[UserRows, ...]:
        """Return the users with the most rows, and those without a user at the end."""
        named = sorted(((-rows, user) for user, rows in self.users.items() if user is not None))
        most = tuple(UserRows(user_id=user, rows=-rows) for rows, user in named[:MOST_USERS_LISTED])
        nobody = self.users[None]
        return (*most, UserRows(user_id=None, rows=nobody)) if nobody else most

    @property
    def user_count(self) -> int | None:
        """How many users there are; None where they were too many to be counted apart."""
        return None if self.crowded else len(self.users) - (None in self.users)


def tallies(reader: Reader, schema: Schema) -> dict[str, Tally]:
    """Return the rows of each segment.

    Raises:
        UnreadError: They cannot be counted to the end; how far it came is in what it says.
    """
    schema.need("embeddings", "id", "segment_id")
    schema.need("embedding_metadata", "id", "key", "string_value", "int_value")
    found: dict[str, Tally] = {}
    apart = 0
    try:
        for piece in reader.pieces(_ROWS):
            for _, segment, has_user, user, length in piece:
                tally = _of(found, cut(segment))
                said = _OTHER if user is None else cut(user, length)
                apart += tally.add(said if has_user else None, room=apart < MOST_APART)
    except UnreadError as error:
        raise UnreadError(f"{error.why}, when {sum(each.rows for each in found.values()):,} were counted") from error
    return found


def _of(found: dict[str, Tally], segment: str) -> Tally:
    if segment not in found and len(found) >= MOST_SEGMENTS:
        raise UnreadError(f"rows are of more than {MOST_SEGMENTS:,} segments")
    return found.setdefault(segment, Tally())


@dataclass(slots=True, kw_only=True)
class Waiting:
    """The queue, and what in it is not in its segment yet.

    Attributes:
        queue: All of it.
        of: By segment: writes behind the number up to which it was written.
    """

    queue: Queue
    of: dict[str, int]


def waiting(reader: Reader, schema: Schema, segments: dict[str, dict[str, int]]) -> Waiting:
    """Return what the queue holds.

    Args:
        reader: Asks the database.
        schema: Its tables.
        segments: Of each collection by its id, its segments with the number up to which each was written.

    Raises:
        UnreadError: It cannot be counted to the end.
    """
    schema.need("embeddings_queue", "seq_id", "topic")
    rows, first, last = 0, None, None
    of = {segment: 0 for each in segments.values() for segment in each}
    try:
        for piece in reader.pieces(_QUEUE):
            for number, topic in piece:
                rows, last = rows + 1, whole(number)
                first = last if first is None else first
                # `persistent://TENANT/DATABASE/COLLECTION`
                for segment, written in segments.get(cut(topic).rpartition("/")[2], {}).items():
                    of[segment] += last is not None and last > written
    except UnreadError as error:
        raise UnreadError(f"{error.why}, when {rows:,} writes were counted") from error
    return Waiting(queue=Queue(rows=rows, first=first, last=last), of=of)
