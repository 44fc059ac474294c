"""Chroma alone: no model is asked but the embedding model, and only for the user's own words."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.memory.backends.interface import BackendName, Calls
from showcase.memory.questions import only_asks
from showcase.memory.stored import Change, Stored, now, to_metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.evidence import Message
    from showcase.memory.stored import Found, Source
    from showcase.stores.interface import Rows


class ChromaBackend:
    """Stores the user's words of a turn under an id that is their hash, so that a repeat makes no second row.

    Args:
        rows: The store.
        embed: Returns the vector of a text, by the store's embedding model.
    """

    name: BackendName = "chroma"

    def __init__(self, rows: Rows, embed: Callable[[str], Sequence[float]]) -> None:
        self.rows = rows
        self._embed = embed
        self._embedded = 0

    def search(self, user_id: str, text: str, *, at_most: int) -> tuple[Found, ...]:
        """See `Backend`."""
        return self.rows.search(user_id, self._vector(text), at_most=at_most)

    def add(self, user_id: str, messages: Sequence[Message], *, source: Source) -> tuple[Change, ...]:
        """See `Backend`. What is there already is left as it is, and reported as NONE."""
        changes = []
        for text in (message.content for message in messages if message.role == "user"):
            there = self.rows.of_text(user_id, text)
            if there is not None:
                changes.append(Change(event="NONE", memory_id=there.memory_id, text=text, by="chroma"))
                continue
            memory_id = self._free_id(user_id, text)
            at = now()
            row = Stored(
                memory_id=memory_id,
                text=text,
                user_id=user_id,
                source=source,
                question=only_asks(text),
                created_at=at,
                updated_at=at,
                metadata={"role": "user", **_searched_by_words(text)},
            )
            self.rows.put(user_id, {memory_id: (to_metadata(row), self._vector(text))})
            changes.append(Change(event="ADD", memory_id=memory_id, text=text, by="chroma"))
        return tuple(changes)

    def update(self, user_id: str, memory_id: str, text: str) -> Change:
        """See `Backend`. The id stays, whatever it was the hash of."""
        before = self.rows.row(user_id, memory_id)
        after = replace(before, text=text, question=only_asks(text), updated_at=now())
        metadata = {**to_metadata(after), **_searched_by_words(text)}
        self.rows.put(user_id, {memory_id: (metadata, self._vector(text))})
        return Change(event="UPDATE", memory_id=memory_id, text=text, old_text=before.text, by="chroma")

    def delete(self, user_id: str, memory_id: str) -> Change:
        """See `Backend`."""
        before = self.rows.row(user_id, memory_id)
        self.rows.delete(user_id, [memory_id])
        return Change(event="DELETE", memory_id=memory_id, text=before.text, by="chroma")

    def calls(self) -> Calls:
        """See `Backend`."""
        return Calls(chat=0, embed=self._embedded)

    def close(self) -> None:
        """See `Backend`."""
        self.rows.close()

    def _free_id(self, user_id: str, text: str) -> str:
        """Return the id of a user's words; another id where any row has that one already."""
        memory_id = row_id(user_id, text)
        return str(uuid.uuid4()) if memory_id in self.rows.anybodys([memory_id]) else memory_id

    def _vector(self, text: str) -> Sequence[float]:
        self._embedded += 1
        return self._embed(text)


def _searched_by_words(text: str) -> dict[str, str]:
    """Return what mem0 keeps for its search by words, as it does where spaCy is not installed."""
    return {"text_lemmatized": text}


def row_id(user_id: str, text: str) -> str:
    """Return the id of a user's words: SHA-256 of both, in the form of a UUID as mem0's ids have it."""
    digits = hashlib.sha256(f"{user_id}\0{text}".encode()).hexdigest()[:32]
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
