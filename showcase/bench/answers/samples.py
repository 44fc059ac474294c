"""What a step of the benchmark gives: replies as they are, of which figures are made afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.evidence.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Fact):
    """A question and its reply.

    Attributes:
        number: Of the question in the set, from 1.
        ask: The question.
        prompt: The contents of the messages that were sent.
        memories: What of the person was in the prompt: facts, or what was recalled.
        reply: The text.
        done_reason: As the server says; None where the reply was cut off.
        total_s: From the request to the last piece.
    """

    number: int
    ask: str
    prompt: tuple[str, ...]
    memories: tuple[str, ...]
    reply: str
    done_reason: str | None
    total_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction(Fact):
    """A fact that was told to a memory which extracts.

    Attributes:
        fact: As it was said.
        added: Rows that were added.
        store_s: How long it took.
        outcome: Whether the prompt of the extraction was read whole; None where none was sent.
        empty: Why nothing was stored, where it was not; see `engines.models.emptiness`.
        failed: What the memory raised over the model's reply; empty where it did not.
    """

    fact: str
    added: int
    store_s: float
    outcome: Literal["whole", "cut", "unknown"] | None
    empty: str
    failed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Fact):
    """One step: one question, or a person with all theirs; `extractions` and `rows` are of a store that extracts."""

    answers: tuple[Answer, ...]
    extractions: tuple[Extraction, ...] = ()
    rows: tuple[str, ...] = ()
