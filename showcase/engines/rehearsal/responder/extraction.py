"""Answers mem0's extraction prompt with what the new messages say, sentence by sentence."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from showcase.engines.rehearsal.responder import questions, sentences
from showcase.languages import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.engines.protocol.interface import Message

_ROLE = "Memory Extractor"
"""Words at the head of mem0's extraction prompt. A prompt that lost its head to a small context lost its task too."""

_SECTION = re.compile(r"^## (.+)\n", re.MULTILINE)
_SPEAKER = re.compile(r"^(user|assistant|system): ", re.MULTILINE)
_ENGLISH = (None, "en")
"""Languages that have these words; one that cannot be told is taken for one of them."""

_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|i'll|i'd|me|my|mine|myself|we|we're|we've|us|our|ours)\b", re.IGNORECASE)


def extract(turns: Sequence[Message]) -> dict[str, Any] | None:
    """Finds the memories in an extraction prompt.

    Returns:
        mem0's document `{"memory": [{"id", "text", "attributed_to"}, …]}`, or None where the prompt asks for no
        extraction (or no longer does, because its head was cut).
    """
    if not any(turn.role == "system" and _ROLE in turn.content for turn in turns):
        return None
    asked = next((turn.content for turn in reversed(turns) if turn.role == "user"), "")
    sections = _sections(asked)
    if "New Messages" not in sections:
        return None
    known = {text.casefold() for text in _existing(sections.get("Existing Memories", ""))}
    found = dict.fromkeys(
        sentence
        for said in _said_by_user(sections["New Messages"])
        for sentence in sentences.split(said)
        if _is_memory(sentence, tell(said)) and sentence.casefold() not in known
    )
    return {"memory": [{"id": str(number), "text": text, "attributed_to": "user"} for number, text in enumerate(found)]}


def _sections(text: str) -> dict[str, str]:
    marks = list(_SECTION.finditer(text))
    ends = ([mark.start() for mark in marks[1:]] + [len(text)])[: len(marks)]  # a text without a section has no end
    found: dict[str, str] = {}
    for mark, end in zip(marks, ends, strict=True):
        found.setdefault(mark[1].strip(), text[mark.end() : end].strip("\n"))
    return found


def _existing(text: str) -> list[str]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [str(row["text"]) for row in rows if isinstance(row, dict) and "text" in row]


def _said_by_user(text: str) -> list[str]:
    marks = list(_SPEAKER.finditer(text))
    if not marks:
        return [text]
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [text[mark.end() : end] for mark, end in zip(marks, ends, strict=True) if mark[1] == "user"]


def _is_memory(sentence: str, language: str | None) -> bool:
    """A statement in the first person. In a language without these pronouns every statement of the user is one."""
    if questions.is_question(sentence) or questions.is_courtesy(sentence):
        return False
    plain = sentence.replace("’", "'")  # noqa: RUF001 - the typographic apostrophe is meant
    foreign = language not in _ENGLISH or not re.search(r"[A-Za-z]{2}", sentence)
    return foreign or bool(_FIRST_PERSON.search(plain))
