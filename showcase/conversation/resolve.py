"""Rows that something new contradicts ("I moved to Oslo"): looked for, proposed, and changed only by who says yes.

mem0 2.2.1 adds and never changes. What is proposed here is this program's own, and is labelled so.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from showcase.evidence import Message
from showcase.evidence.fact import Fact
from showcase.memory.stored import Change, Stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from showcase.engines.everyday import Opened
    from showcase.memory.backends.interface import Backend

NEAREST = 5
"""Rows that a model is asked about at most: those nearest to what is new."""

QUESTION = """\
Somebody told an assistant statements about themselves, one after the other. Decide which of the old statements can no
longer be true now that the new one is. A statement about something else stays true.
Reply with JSON alone: {"no_longer_true": [numbers of old statements]}"""

_SUBJECTS: tuple[tuple[str, str], ...] = (
    (r"^i (?:now )?(?:live|am living) in\b|^i (?:have )?(?:just )?moved (?:back )?to\b|^my home is in\b", "i live in"),
    (r"^i (?:now )?(?:work|am working) (?:as|for|at)\b|^i am (?:now )?employed (?:as|by|at)\b", "i work as"),
    (r"^(?:my name is|i am called|call me|people call me)\b", "my name is"),
    (r"^(my .+?) (?:is|are|was|has become|is now|are now)(?: now)?(?: called| named)?\b", r"\1"),
    (r"^i (?:now )?(?:drive|own|use|play|study|learn|speak)\b", r"\g<0>"),
    (
        r"^i (?:no longer|do not|don't|stopped|never)?\s*(?:like|love|eat|drink|hate|enjoy)(?:ing)?\b (.+?)[.!]?$",
        r"eat \1",
    ),
)
"""How a sentence begins, and whom it then says something of: two sentences of one subject and predicate contradict
each other where they end differently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal(Fact):
    """What could be done to an old row.

    Attributes:
        action: UPDATE gives it the new text, and the row that was added for it goes, so that one id has the history of
            both; DELETE takes out what else was contradicted.
        row: The old row.
        new_id: The row that contradicts it.
        new_text: Its text.
        found_by: Whether the chat model said so, or the same subject and predicate.
    """

    action: Literal["UPDATE", "DELETE"]
    row: Stored
    new_id: str
    new_text: str
    found_by: Literal["model", "words"]


def proposals(backend: Backend, server: Opened, user_id: str, added: Sequence[Change]) -> tuple[Proposal, ...]:
    """Return what rows that were just added contradict.

    Args:
        backend: The memory; searched for the rows nearest to each.
        server: Its chat model is asked, unless it is the rehearsal engine, which is none.
        user_id: Whose rows.
        added: What was added.

    Raises:
        EngineError: The model does not answer.
    """
    new = {change.memory_id for change in added}
    found: dict[str, Proposal] = {}
    for change in added:
        if change.event != "ADD":
            continue
        near = [each.row for each in backend.search(user_id, change.text, at_most=NEAREST + len(new))]
        old = [row for row in near if row.memory_id not in new][:NEAREST]
        if not old:
            continue
        by_words = server.is_rehearsal or server.chat_model is None
        contradicted = same_subject(change.text, old) if by_words else _asked(server, change.text, old)
        for number, row in enumerate(row for row in contradicted if row.memory_id not in found):
            found[row.memory_id] = Proposal(
                action="DELETE" if number else "UPDATE",
                row=row,
                new_id=change.memory_id,
                new_text=change.text,
                found_by="words" if by_words else "model",
            )
    return tuple(found.values())


def apply(backend: Backend, user_id: str, proposal: Proposal) -> tuple[Change, ...]:
    """Do what was proposed and agreed to.

    Raises:
        UsageError: The row is gone.
    """
    if proposal.action == "DELETE":
        done = [backend.delete(user_id, proposal.row.memory_id)]
    else:
        done = [
            backend.update(user_id, proposal.row.memory_id, proposal.new_text),
            backend.delete(user_id, proposal.new_id),
        ]
    return tuple(replace(each, by="showcase") for each in done)


def same_subject(text: str, rows: Iterable[Stored]) -> list[Stored]:
    """Return the rows that say something else of the same subject, by the same predicate."""
    subject = _subject(text)
    return [row for row in rows if subject and _subject(row.text) == subject and _plain(row.text) != _plain(text)]


def read_numbers(reply: str, most: int) -> list[int]:
    """Return the numbers, from 1 to `most`, that a model named; none where its reply is not what it was asked for."""
    for piece in re.findall(r"\{[^{}]*\}", reply):
        try:
            document: Any = json.loads(piece)
        except ValueError:
            continue
        named = document.get("no_longer_true") if isinstance(document, dict) else None
        if isinstance(named, list):
            numbers = [each for each in named if isinstance(each, int) and not isinstance(each, bool)]
            return sorted({each for each in numbers if 1 <= each <= most})
    return []


def _asked(server: Opened, text: str, old: Sequence[Stored]) -> list[Stored]:
    if server.chat_model is None:
        return []
    lines = [f"{number}. {_flat(row.text)}" for number, row in enumerate(old, start=1)]
    asked = "\n".join(["Old statements:", *lines, "", f"New statement: {_flat(text)}"])
    prompt = (Message(role="system", content=QUESTION), Message(role="user", content=asked))
    reply = server.gate.chat(server.chat_model.name, prompt, on_token=lambda _: None)
    return [old[number - 1] for number in read_numbers(reply.text, len(old))]


def _flat(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _subject(text: str) -> str | None:
    flat = _flat(text).casefold()
    for pattern, subject in _SUBJECTS:
        found = re.search(pattern, flat)
        if found is not None:
            return found.expand(subject)
    return None
