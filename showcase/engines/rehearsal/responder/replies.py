"""Composes the reply to a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.rehearsal.responder import facts, questions, relevance
from showcase.engines.rehearsal.responder.wording import second_person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.engines.rehearsal.embeddings import Embedder
    from showcase.engines.rehearsal.prompt import Message

NOTHING_OF_THE_KIND = "You told me nothing about that."
GREETING = "Hello. Ask me about something you told me."
COURTESY = "You are welcome."
NOTED = "I noted what you wrote."

_REPEATED = 400
"""Characters of a statement up to which it is said back."""


def reply(turns: Sequence[Message], embedder: Embedder) -> str:
    """Answers the last message of the user from what the prompt states.

    Args:
        turns: The conversation as the prompt holds it.
        embedder: Compares question and facts.
    """
    last = next((turn.content for turn in reversed(turns) if turn.role == "user"), "")
    if not last and turns and turns[-1].role != "system":
        last = turns[-1].content
    heard = questions.read(last)
    if heard.greeting:
        return COURTESY if heard.courtesy else GREETING
    if heard.statements:
        short = sum(map(len, heard.statements)) <= _REPEATED
        return " ".join(["Noted:", *map(second_person, heard.statements)]) if short else NOTED
    ranked = relevance.rank(heard.question, facts.stated(turns), embedder)
    chosen = relevance.bearing(ranked, open_request=questions.is_open(heard.question))
    return " ".join(["You told me:", *map(second_person, chosen)]) if chosen else NOTHING_OF_THE_KIND
