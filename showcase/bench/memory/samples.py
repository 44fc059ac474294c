"""What one play gives: its turns, its questions, and what lay in the store at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.bench.memory.judging import Kept
from showcase.evidence.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Fact):
    """A prompt as the server counted it, None where it does not fit; `read_s` is how long it says it read it."""

    tokens: int | None
    read_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedTurn(Fact):
    """What a turn cost.

    Attributes:
        chat_calls: Requests of the memory to the chat model.
        embed_calls: Its requests to the embedding model.
        read_tokens: What the chat model read in them, by the server's count; None where an answer has no count.
        written_tokens: What it wrote, likewise.
        read_s: How long it read, as the server says; None likewise.
        search_s: How long the memory searched before the turn; None where nothing is searched.
        store_s: How long it took to store the turn; None where nothing is stored.
        prompt: The prompt that this turn would send: rules, rows or history, and the user's words.
        tells: Whether a fact was told in it.
        prompt_outcome: Whether the memory's own prompt was read whole; None where it sent none.
        context: Tokens in force for it.
        added: Rows that were added.
        empty: Why nothing was stored, where it was not; see `engines.models.emptiness`.
        failed: What the memory raised over a model's reply; empty where it did not.
    """

    chat_calls: int
    embed_calls: int
    read_tokens: int | None
    written_tokens: int | None
    read_s: float | None
    search_s: float | None
    store_s: float | None
    prompt: Read
    tells: bool = False
    prompt_outcome: Literal["whole", "cut", "unknown"] | None = None
    context: int | None = None
    added: int = 0
    empty: str = ""
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Fact):
    """A planted question: at which place an answer was found, from 1, None for not; and the prompt with the rows."""

    id: str
    rank: int | None
    search_s: float
    prompt: Read


@dataclass(frozen=True, slots=True, kw_only=True)
class Played(Fact):
    """One arm, all its turns and questions. `kept` and `rows`, oldest first, are None for the arm that stores none."""

    turns: tuple[PlayedTurn, ...]
    questions: tuple[Asked, ...] = ()
    rows: tuple[str, ...] | None = None
    kept: Kept | None = None

    @property
    def read_whole(self) -> bool:
        """Whether the chat model read every prompt of the memory whole: else the figures are not its quality."""
        return all(turn.prompt_outcome in {None, "whole"} for turn in self.turns)
