"""What mem0's own database holds: how many changes, of which kind. Their text is not read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from showcase.inspection.facts import Unseen
from showcase.inspection.header import UnreadError
from showcase.inspection.held import History
from showcase.inspection.naming import cut
from showcase.inspection.questions import Schema

if TYPE_CHECKING:
    from showcase.inspection.questions import Reader

_CHANGES = "SELECT rowid, substr(event, 1, 20) FROM history WHERE rowid >= ? ORDER BY rowid LIMIT ?"
_MESSAGES = "SELECT rowid FROM messages WHERE rowid >= ? ORDER BY rowid LIMIT ?"
_MOST_EVENTS = 20
"""Kinds that are told apart; mem0 knows three."""

_OTHER = "others"


def history(reader: Reader, unseen: list[Unseen]) -> History:
    """Return what the history holds; what could not be counted is added to `unseen`.

    Raises:
        UnreadError: Its schema cannot be read.
    """
    schema = Schema(reader)
    events: Counter[str] = Counter()
    whole = True
    try:
        schema.columns("history")
        for piece in reader.pieces(_CHANGES):
            for _, event in piece:
                name = "(none)" if event is None else cut(event)
                events[name if name in events or len(events) < _MOST_EVENTS else _OTHER] += 1
    except UnreadError as error:
        unseen.append(Unseen(what="mem0's history", why=error.why))
        whole = False
    return History(
        rows=sum(events.values()) if whole else None,
        events=dict(events) if whole else None,
        messages=_messages(reader, schema, unseen),
    )


def _messages(reader: Reader, schema: Schema, unseen: list[Unseen]) -> int | None:
    if "messages" not in schema.tables:  # older versions of mem0 have none
        return None
    try:
        return sum(len(piece) for piece in reader.pieces(_MESSAGES))
    except UnreadError as error:
        unseen.append(Unseen(what="mem0's messages", why=error.why))
        return None
