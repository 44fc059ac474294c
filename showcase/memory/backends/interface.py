"""What a chat, a question and the `memories` commands need of a memory backend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from showcase.evidence.fact import Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.evidence import Message
    from showcase.memory.stored import Change, Found, Source
    from showcase.stores.interface import Rows

BackendName = Literal["mem0", "chroma"]
BACKENDS: tuple[BackendName, ...] = ("mem0", "chroma")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls(Fact):
    """How often a backend asked the model server, counted by the requests that left it."""

    chat: int
    embed: int


class Backend(Protocol):
    """Stores and finds memories of one user at a time.

    What asks no model (lists, counts, what is kept beside a row) is done on `rows`, whatever the backend.
    Every method raises `StoreError` where the store cannot be used, and `EngineError` or `ModelError` where it is the
    model server that is at fault.
    """

    name: BackendName
    rows: Rows

    def search(self, user_id: str, text: str, *, at_most: int) -> tuple[Found, ...]:
        """Return the rows of a user that are nearest to `text`, nearest first. Sees what other processes wrote."""
        ...

    def add(self, user_id: str, messages: Sequence[Message], *, source: Source) -> tuple[Change, ...]:
        """Store what was said; return what became of it as the backend reports it.

        Args:
            user_id: Whose it is.
            messages: A user's words, and the reply where the backend extracts.
            source: Who wrote it.
        """
        ...

    def update(self, user_id: str, memory_id: str, text: str) -> Change:
        """Give a row another text and its vector."""
        ...

    def delete(self, user_id: str, memory_id: str) -> Change:
        """Take a row out. Its bytes stay on disk until something else is written over them."""
        ...

    def calls(self) -> Calls:
        """Return how often the model server was asked since this was opened."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...
