"""Finds the facts that a prompt states, whatever its layout."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from showcase.engines.rehearsal.responder import questions, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.engines.protocol.interface import Message

_BULLET = re.compile(r"^\s*(?:[-*+•‣◦–—]|\(?\d{1,3}[.):\]]|\[\d{1,3}\]|[a-zA-Z][.)])\s+")  # noqa: RUF001 - dashes used as bullets
_LABEL = re.compile(
    r"^(?!(?:i|my|we|our)\b)(?:[\w' -]{0,60}\b)?(?:know[ns]?|facts?|memor(?:y|ies)|context|profile|notes?"
    r"|information|background|preferences|remember(?:ed)?)"
    r"\b[^.:!?]{0,60}:\s*",
    re.IGNORECASE,
)
_STAMP = re.compile(r"^\[?\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?\]?\s*[:\-–|]?\s*")  # noqa: RUF001 - a dash after a date
_MARKUP = re.compile(r"^(?:#{1,6}\s|</?[\w-]+>\s*$|\[[\w' -]+\]\s*$|```|-{3,}\s*$|={3,}\s*$)")
_INSTRUCTION = re.compile(
    r"""^(?:please\s+)?(?:
        you(?:'re|\s+(?:are|must|should|may|can|will|have\s+access|know))\b
      | (?:answer|respond|reply|use|be|keep|never|always|don't|do\s+not|make\s+sure|ensure|remember|consider|follow
          |act|write|speak|say|avoid|refer|base|rely|ignore|treat|provide|give|help|if|when|given|based\s+on|according
          |here|below|the\s+following|the\s+user\s+(?:asks|wants\s+you)|this\s+is\s+what|these\s+are|what\s+you
          |your\s+(?:task|job|role|answer|goal)|only|no\s+facts|none|nothing\s+is\s+known|current\s+date|today|question|note\s+that)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_ELLIPTIC = re.compile(r"^(?:never|always|only|avoid)s?\b", re.IGNORECASE)
_TEXT_KEYS = ("memory", "text", "data", "fact", "content")


def stated(turns: Sequence[Message]) -> list[str]:
    """Every fact of the prompt, in its order, each once.

    System messages count in full, apart from what instructs the assistant; earlier turns of the user count where
    they state something; of the last turn, what stands before the question counts.
    """
    found: dict[str, None] = {}
    last = max((index for index, turn in enumerate(turns) if turn.role == "user"), default=-1)
    for index, turn in enumerate(turns):
        if turn.role == "assistant":
            continue
        if turn.role == "user":
            asked = questions.read(turn.content)
            statements = asked.rest if index == last else [*asked.rest, *asked.statements]
            found.update(dict.fromkeys(fact for text in statements for fact in _of_text(text)))
        else:
            found.update(dict.fromkeys(_of_text(turn.content)))
    return list(found)


def _of_text(text: str) -> Iterator[str]:
    whole = _documents(text)
    if whole is not None:
        yield from whole
        return
    for raw in text.splitlines():
        line = raw.strip()
        if not line or _MARKUP.match(line):
            continue
        listed = _BULLET.match(line)
        body = line[listed.end() :] if listed else line
        body = _STAMP.sub("", body)
        inner = _documents(body)
        if inner is not None:
            yield from inner
            continue
        body = _LABEL.sub("", body).strip()
        if not body or (body.endswith((":", "：")) and not listed):  # noqa: RUF001 - the full-width colon is meant
            continue
        for sentence in [body] if listed and _one_fact(body) else sentences.split(body):
            fact = _LABEL.sub("", sentence).strip().strip('"“”').strip()
            if not fact or questions.is_question(fact):
                continue
            if _INSTRUCTION.match(fact) and not (listed and _ELLIPTIC.match(fact)):
                continue
            yield fact


def _one_fact(body: str) -> bool:
    """Whether a list item is one fact rather than a paragraph or a question."""
    found = sentences.split(body)
    return len(found) <= 2 and not any(map(questions.is_question, found))  # noqa: PLR2004 - "I moved. It was in May."


def _documents(text: str) -> list[str] | None:
    """The texts in a JSON list of memories, as some prompts carry them; None where it is no JSON."""
    start = text.strip()
    if start[:1] not in {"[", "{"} or start[-1:] not in {"]", "}"}:
        return None
    try:
        value = json.loads(start)
    except (ValueError, RecursionError):
        return None
    found = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, dict):
            found += [str(item[key]) for key in _TEXT_KEYS if isinstance(item.get(key), str)][:1]
    return found
