"""The sets of questions: made-up people with their facts in various layouts, and what is asked of them."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from showcase.evidence import Message

Kind = Literal["told", "not told", "general", "small talk"]
KINDS: dict[Kind, str] = {
    "told": "a fact answers it",
    "not told": "it asks about the person, and no fact answers it",
    "general": "it asks about the world",
    "small talk": "a greeting, thanks, or something told",
}

_HEAD = "You are a helpful assistant. Answer briefly and use what you know about the user."
_DIGEST = 16
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question.

    Attributes:
        number: Its place in the set, from 1.
        who: Whose facts are in the prompt.
        facts: Those facts.
        layout: How the prompt lays them out.
        ask: The message.
        needs: Facts that a right answer rests on; none: that nothing of the kind was told.
        may: Facts that it may hold as well. Any other makes it wrong.
        expect: "facts", "greeting", "courtesy" or "noted".
        answer: The answer key, of the held-out set alone: patterns that are all found in a right answer, whatever the
            case.
        general: Whether it asks about the world, and nobody's facts.
    """

    number: int
    who: str
    facts: tuple[str, ...]
    layout: str
    ask: str
    needs: frozenset[int]
    may: frozenset[int]
    expect: str
    answer: tuple[str, ...] = ()
    general: bool = False

    @property
    def kind(self) -> Kind:
        """What kind of question it is."""
        if self.expect != "facts":
            return "small talk"
        if self.general:
            return "general"
        return "told" if self.needs else "not told"

    @property
    def needed(self) -> tuple[str, ...]:
        """The facts that a right answer rests on."""
        return tuple(self.facts[index] for index in sorted(self.needs))

    @property
    def near(self) -> tuple[str, ...]:
        """The facts that an answer may hold."""
        return tuple(self.facts[index] for index in sorted(self.needs | self.may))

    @property
    def others(self) -> tuple[str, ...]:
        """The facts that have nothing to do with it."""
        return tuple(fact for index, fact in enumerate(self.facts) if index not in self.needs | self.may)

    def answered(self, text: str) -> bool:
        """Whether a text holds the answer by the key; never where the question has none."""
        said = text.translate(_APOSTROPHES)
        return bool(self.answer) and all(re.search(pattern, said, re.IGNORECASE) for pattern in self.answer)

    def messages(self) -> tuple[Message, ...]:
        """The chat that asks it with all facts in the prompt."""
        system, user = _laid_out(self.layout, self.facts, self.ask)
        return Message(role="system", content=system), Message(role="user", content=user)


def load(name: str) -> tuple[Case, ...]:
    """Read a set, by its name without an ending."""
    held: dict[str, Any] = json.loads(_text(name))
    return tuple(
        Case(
            number=number,
            who=row["who"],
            facts=tuple(held["people"][row["who"]]["facts"]),
            layout=held["people"][row["who"]]["layout"],
            ask=row["ask"],
            needs=frozenset(row.get("needs", ())),
            may=frozenset(row.get("may", ())),
            expect=row.get("expect", "facts"),
            answer=tuple(row.get("answer", ())),
            general=row.get("general", False),
        )
        for number, row in enumerate(held["cases"], start=1)
    )


def digest(name: str) -> str:
    """Return the beginning of the SHA-256 of a set."""
    return hashlib.sha256(_text(name).encode()).hexdigest()[:_DIGEST]


def _text(name: str) -> str:
    return Path(__file__).with_name(f"{name}.json").read_text("utf-8")


def _laid_out(layout: str, facts: tuple[str, ...], ask: str) -> tuple[str, str]:
    """System prompt and message of the user."""
    if layout == "bullets":
        return f"{_HEAD}\nWhat you know about the user:\n" + "\n".join(f"- {fact}" for fact in facts), ask
    if layout == "numbered":
        return f"{_HEAD}\n\nFacts:\n" + "\n".join(f"{n}. {fact}" for n, fact in enumerate(facts, start=1)), ask
    if layout == "prose":
        return f"{_HEAD} Here is what the user said. " + " ".join(facts), ask
    if layout == "headings":
        return f"# Instructions\n{_HEAD}\n\n## User memories\n" + "\n".join(f"* {fact}" for fact in facts), ask
    if layout == "json":
        return f"{_HEAD}\nMemories:\n" + json.dumps([{"id": str(n), "memory": f} for n, f in enumerate(facts)]), ask
    if layout == "message":
        return _HEAD, "Context:\n" + "\n".join(facts) + f"\n\nQuestion: {ask}"
    raise ValueError(layout)
