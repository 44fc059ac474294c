"""The mark of a collection that a run made: it alone may be emptied by another run.

It is the store's record as it stands beside the rows, with one word more, so that every other command reads it too. The
word tells as whom the run acted: a mark may stay where its rows went, as that of Redis does, and others may add to a
collection of a run. So what is looked at is the rows as well.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from showcase.documents import strict_json
from showcase.memory import store_record
from showcase.memory.stored import from_metadata
from showcase.stores import counting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from showcase.evidence import Model
    from showcase.settings.store_address import StoreAddress
    from showcase.stores.interface import Table

_LINKED = "linked_memory_ids"
"""What each of mem0's rows of somebody or something that memories speak of holds, and no memory."""

_ENTITIES = "_entities"
"""How the name ends of the collection in which mem0 keeps them, where spaCy is installed."""

_LONGEST_TABLE = 63
"""Bytes that PostgreSQL keeps of a name."""


def written(model: Model, user_ids: Iterable[str]) -> str:
    """Return the mark of a collection whose vectors `model` makes, for a run that acts as these users.

    Whoever may use the database reads a mark, so that no user is named in it.
    """
    record = store_record.made_by(model, layout="shared")
    users = sorted({_digest(user_id) for user_id in user_ids})
    return json.dumps({**json.loads(store_record.document(record)), store_record.OF_A_RUN: users})


def is_of_a_run(mark: str | None) -> bool:
    """Tell whether a text beside a collection says that a run made it; what cannot be read does not."""
    return _users(mark) is not None


def why_not_emptied(rows: Table) -> str | None:
    """Return why a collection that is there is none that a run may empty, None where it is one.

    Raises:
        StoreError: The engine does not answer, or holds what is no row of mem0's.
    """
    users = _users(rows.mark())
    if users is None:
        return "no run made it"
    others = [each for each in counting.counts(rows) if each is None or _digest(each) not in users]
    return "memories lie in it whose users no run acted as" if others else None


def entities_of(address: StoreAddress) -> str | None:
    """Return the name of mem0's second collection, None where it has no room for a name of its own."""
    name = address.collection + _ENTITIES
    if address.kind == "postgresql":
        name = name[:_LONGEST_TABLE]
    return None if name == address.collection else name


def why_entities_stay(rows: Table, of: Table) -> str | None:
    """Return why the collection beside that of a run is not mem0's second one for it, None where it is or is not there.

    Args:
        rows: That collection, which has no mark.
        of: That of the run.

    Raises:
        StoreError: See `why_not_emptied`.
    """
    if not rows.exists():
        return None
    users = _users(of.mark()) or frozenset()
    for page in rows.pages(None):
        for row in page:
            user_id = from_metadata(row.memory_id, row.beside).user_id
            if _LINKED not in row.beside or user_id is None or _digest(user_id) not in users:
                return "rows lie in it that mem0 did not make for a run"
    return None


def _users(mark: str | None) -> frozenset[str] | None:
    """Return the digests of whom a run acted as, None where no run made the mark."""
    try:
        document = strict_json.parse((mark or "").encode())
    except ValueError:
        return None
    if not isinstance(document, dict) or document.get("format") != store_record.FORMAT:
        return None
    users = document.get(store_record.OF_A_RUN)
    return frozenset(map(str, users)) if isinstance(users, list) else None


def _digest(user_id: str) -> str:
    return hashlib.sha256(user_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]
