"""A set of made-up people, their facts in various layouts, questions to them, and what counts as a right answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.engines.rehearsal.responder import wording
from showcase.engines.rehearsal.responder.replies import COURTESY, GREETING, NOTHING_OF_THE_KIND

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = "You are a helpful assistant. Answer briefly and use what you know about the user."


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question.

    Attributes:
        number: Its place in the set, from 1.
        who: Whose facts are in the prompt.
        facts: Those facts.
        layout: How the prompt lays them out.
        ask: The message.
        needs: Facts that a right answer holds; none: that nothing of the kind was told.
        may: Facts that it may hold as well. Any other makes it wrong.
        expect: "facts", "greeting", "courtesy" or "noted".
    """

    number: int
    who: str
    facts: tuple[str, ...]
    layout: str
    ask: str
    needs: frozenset[int]
    may: frozenset[int]
    expect: str

    def messages(self) -> list[dict[str, str]]:
        """The chat that asks it."""
        system, user = _laid_out(self.layout, self.facts, self.ask)
        return [{"role": "system", "content": system}, {"role": "user", "content": user}]

    def quoted(self, reply: str) -> frozenset[int]:
        """The facts that a reply holds, in the second person or as they were."""
        return frozenset(
            index for index, fact in enumerate(self.facts) if fact in reply or wording.second_person(fact) in reply
        )

    def right(self, reply: str) -> bool:
        """Whether a reply is an accepted answer."""
        if self.expect == "greeting":
            return reply == GREETING
        if self.expect == "courtesy":
            return reply == COURTESY
        if self.expect == "noted":
            return wording.second_person(self.ask) in reply and not self.quoted(reply)
        held = self.quoted(reply)
        if not self.needs:
            return reply == NOTHING_OF_THE_KIND
        return self.needs <= held <= self.needs | self.may


def load(path: Path) -> list[Case]:
    """Reads a set."""
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return [
        Case(
            number=number,
            who=row["who"],
            facts=tuple(held["people"][row["who"]]["facts"]),
            layout=held["people"][row["who"]]["layout"],
            ask=row["ask"],
            needs=frozenset(row.get("needs", ())),
            may=frozenset(row.get("may", ())),
            expect=row.get("expect", "facts"),
        )
        for number, row in enumerate(held["cases"], start=1)
    ]


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
