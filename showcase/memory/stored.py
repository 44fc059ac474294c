"""A memory as it lies in a store, and what a search found of it.

Rows have the form that stock mem0 2.2.1 writes (`Memory._create_memory`): `data`, `user_id`, `hash`, `created_at`,
`updated_at`, `text_lemmatized`, `role`. What this program adds has names that begin with `showcase_`; mem0 hands them
through, and a row without them is one of mem0's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Literal

from showcase.evidence.fact import Fact

Source = Literal["typed", "extracted", "imported", "unknown"]
"""Who wrote a row: its user, the chat model on mem0's order, an import; unknown where the row does not say."""

Event = Literal["ADD", "UPDATE", "DELETE", "NONE"]
"""What became of a row, in mem0's words."""

SOURCE = "showcase_source"
KIND = "showcase_kind"
PINNED = "showcase_pinned"
RECALLED = "showcase_recalled"
RECALLED_AT = "showcase_recalled_at"

QUESTION = "question"
"""Kind of a row that only asks: it is kept, and never put into a prompt as if it were a fact."""

OWN = {SOURCE, KIND, PINNED, RECALLED, RECALLED_AT}
OF_MEM0 = {"data", "user_id", "hash", "created_at", "updated_at"}
_SOURCES: tuple[Source, ...] = ("typed", "extracted", "imported")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(Fact):
    """A row of a store.

    Attributes:
        memory_id: Its id, unique in its collection.
        text: The memory.
        user_id: Whose it is; None where the row does not say.
        source: Who wrote it.
        question: Whether it only asks.
        created_at: ISO 8601, in UTC where mem0 wrote it; None where the row does not say.
        updated_at: Likewise.
        pinned: Whether its user holds it important.
        recalled: In how many turns it was part of a prompt.
        recalled_at: When it last was, ISO 8601; None where it never was.
        metadata: What else the row holds.
    """

    memory_id: str
    text: str
    user_id: str | None
    source: Source = "unknown"
    question: bool = False
    created_at: str | None = None
    updated_at: str | None = None
    pinned: bool = False
    recalled: int = 0
    recalled_at: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Fact):
    """A row that a search returned; `cosine` is that of its vector and the question's, from -1 to 1."""

    row: Stored
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Fact):
    """What became of a row.

    `by` says who decided it: the backend as it reported, or this program, which proposed it and was told to.
    """

    event: Event
    memory_id: str
    text: str
    old_text: str | None = None
    by: Literal["mem0", "chroma", "showcase"]


def from_metadata(memory_id: str, metadata: Mapping[str, Any] | None) -> Stored:
    """Return a row by its id and what Chroma keeps beside its vector. Nothing in it is trusted to be of its type."""
    held = dict(metadata or {})
    source = held.get(SOURCE)
    recalled = held.get(RECALLED)
    return Stored(
        memory_id=str(memory_id),
        text=str(held.get("data", "")),
        user_id=_name(held.get("user_id")),
        source=source if source in _SOURCES else "unknown",
        question=held.get(KIND) == QUESTION,
        created_at=_text(held.get("created_at")),
        updated_at=_text(held.get("updated_at")),
        pinned=held.get(PINNED) is True,
        recalled=recalled if isinstance(recalled, int) and not isinstance(recalled, bool) and recalled > 0 else 0,
        recalled_at=_text(held.get(RECALLED_AT)),
        metadata={name: value for name, value in held.items() if name not in OWN and name not in OF_MEM0},
    )


def to_metadata(row: Stored) -> dict[str, Any]:
    """Return what Chroma keeps beside the vector of a row; mem0 reads it as its own."""
    held: dict[str, Any] = {
        **row.metadata,
        "data": row.text,
        "hash": digest(row.text),
        **({} if row.user_id is None else {"user_id": row.user_id}),
        **({} if row.created_at is None else {"created_at": row.created_at}),
        **({} if row.updated_at is None else {"updated_at": row.updated_at}),
        **own_metadata(source=row.source, question=row.question),
        **({PINNED: True} if row.pinned else {}),
        **({RECALLED: row.recalled} if row.recalled else {}),
        **({} if row.recalled_at is None else {RECALLED_AT: row.recalled_at}),
    }
    return held


def own_metadata(*, source: Source, question: bool) -> dict[str, str]:
    """Return what this program writes beside a row that it stores."""
    kind = {KIND: QUESTION} if question else {}
    return kind if source == "unknown" else {SOURCE: source, **kind}


def digest(text: str) -> str:
    """Return mem0's `hash` of a text: MD5, which serves it as a key and protects nothing."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def now() -> str:
    """Return the time as mem0 writes it: ISO 8601 with microseconds, in UTC."""
    return datetime.now(timezone.utc).isoformat()


def moment(text: str | None) -> datetime | None:
    """Return the time that a row names, in UTC where it names no zone; None where it names none."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=timezone.utc)


def _name(value: object) -> str | None:
    """Return whose a row is: a number is nobody's id, as it is none to a filter of Chroma's."""
    return value if isinstance(value, str) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
