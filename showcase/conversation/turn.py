"""What a turn is: before the model is asked, and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.errors import StoreError
from showcase.evidence import Message, PromptRead, Reply
from showcase.evidence.fact import Fact
from showcase.memory.ranking import Selection
from showcase.memory.stored import Change, Stored

Lack = Literal["nothing", "questions", "beyond"]
"""Why a search came to no memory at all: none is stored, only questions are, or none was among the rows nearest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared(Fact):
    """A turn before the model is asked.

    Attributes:
        words: What the user said.
        selection: What the search came to; None where none was made.
        withheld: Rows that were found and left out of the prompt, because they read like orders.
        lack: Why there was no memory at all; None where there was one, near or not.
        messages: The prompt as it is sent.
        left_out: How many earlier turns went out of the conversation to keep to the budget.
        search_s: How long the search took.
    """

    words: str
    selection: Selection | None
    withheld: tuple[Stored, ...]
    lack: Lack | None = None
    messages: tuple[Message, ...]
    left_out: int
    search_s: float

    @property
    def used(self) -> tuple[Stored, ...]:
        """The rows that are in the prompt."""
        kept_out = {row.memory_id for row in self.withheld}
        rows = self.selection.used if self.selection else ()
        return tuple(each.row for each in rows if each.row.memory_id not in kept_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn(Prepared):
    """What a turn was.

    Attributes:
        budget: The tokens that earlier turns may have.
        reply: The reply with the server's counts; without `done_reason` it was cut off.
        stopped: Whether the user stopped it.
        read: How much of the prompt was read; None where the server could not be asked.
        changes: What became of the rows of the store.
        saved: Whether it was stored.
        save_s: How long storing took.
    """

    budget: int
    reply: Reply
    stopped: bool
    read: PromptRead | None
    changes: tuple[Change, ...] = ()
    saved: bool = False
    save_s: float = 0.0


class NotStoredError(StoreError):
    """The reply came, and what was said could not be stored; `turn` is what came, with what was stored all the same."""

    def __init__(self, turn: Turn, why: str, *, hint: str = "") -> None:
        super().__init__(f"this turn could not be stored: {why}", hint=hint)
        self.turn = turn
