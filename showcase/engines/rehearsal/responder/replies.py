"""Composes the reply to a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.rehearsal.responder import facts, frames, nearest, questions, relevance
from showcase.engines.rehearsal.responder.wording import second_person
from showcase.languages import tell, tell_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.engines.protocol.interface import Message
    from showcase.engines.rehearsal.embeddings import Embedder
    from showcase.engines.rehearsal.interface import Embeddings
    from showcase.engines.rehearsal.responder.frames import Frame

_ENGLISH = frames.of("en")
NOTHING_OF_THE_KIND = _ENGLISH.nothing
GREETING = _ENGLISH.greeting
COURTESY = _ENGLISH.courtesy
NOTED = _ENGLISH.noted_long

_REPEATED = 400
"""Characters of a statement up to which it is said back."""


def _none() -> None:
    """No vectors but the English ones."""


def reply(turns: Sequence[Message], embedder: Embedder, others: Callable[[], Embeddings | None] = _none) -> str:
    """Answers the last message of the user from what the prompt states.

    Args:
        turns: The conversation as the prompt holds it.
        embedder: Compares question and facts in English.
        others: Returns the vectors of other languages, None where there are none.
    """
    last = next((turn.content for turn in reversed(turns) if turn.role == "user"), "")
    if not last and turns and turns[-1].role != "system":
        last = turns[-1].content
    heard = questions.read(last)
    language = tell(last)
    if heard.greeting:
        frame = frames.of(language or _language("", facts.stated(turns)))
        return frame.courtesy if heard.courtesy else frame.greeting
    if heard.statements:
        return _noted(heard.statements, frames.of(language))
    stated = facts.stated(turns)
    spoken = _language(heard.question, stated)
    open_request = questions.is_open(heard.question)
    if spoken is not None:
        told = frames.of(language or spoken)
        return nearest.answer(heard.question, stated, spoken, told, vectors=others, open_request=open_request)
    ranked = relevance.rank(heard.question, stated, embedder)
    chosen = relevance.bearing(ranked, open_request=open_request)
    return _ENGLISH.with_quotes(_ENGLISH.told, map(second_person, chosen)) if chosen else NOTHING_OF_THE_KIND


def _noted(statements: Sequence[str], frame: Frame) -> str:
    if sum(map(len, statements)) > _REPEATED:
        return frame.noted_long
    return frame.with_quotes(frame.noted, map(second_person, statements) if frame is _ENGLISH else statements)


def _language(question: str, stated: Sequence[str]) -> str | None:
    """The language of question and facts where the English vectors do not know it, None where they do.

    That of the question, for which a guess is enough where a fact is in that language; where it is in English, or
    cannot be told, that of most facts.
    """
    told = tell(question)
    spoken = tell_of([[fact] for fact in stated])
    if told is None and (guess := tell(question, evident=1)) in {each.tag for each in spoken}:
        told = guess
    if told in {None, "en"}:
        most = next(iter(spoken), None)
        told = most.tag if most is not None and most.texts > len(stated) / 2 else None
    return None if told == "en" else told
