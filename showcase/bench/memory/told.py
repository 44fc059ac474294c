"""What somebody tells, and what is asked about it: data, checked before anything is measured by it."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from showcase.evidence.fact import Fact

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TELLER = Path(__file__).with_name("teller.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFact(Fact):
    """A fact, and how a stored row is told to hold it.

    Attributes:
        id: Its name.
        holds: Patterns that all have to be found in a row, whatever the case.
        wrong: Patterns that are all found in a row that says the contrary; none where that cannot be told by words.
        unless: Patterns of which none is found in such a row.
        replaces: The fact that holds no longer once this one is told.
    """

    id: str
    holds: tuple[str, ...]
    wrong: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    replaces: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldTurn(Fact):
    """What is said, what an assistant replies, and which facts the user's words tell: none in small talk."""

    said: str
    reply: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted(Fact):
    """A question, and the facts of which each answers it."""

    id: str
    asked: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Fact):
    """A conversation with what is in it."""

    facts: tuple[ToldFact, ...]
    turns: tuple[ToldTurn, ...]
    questions: tuple[Planted, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, shortened: what was measured with other data is another measurement."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]

    def upto(self, turns: int) -> Told:
        """Return the first turns, the facts told in them, and the questions that these answer."""
        played = self.turns[:turns]
        told = {each for turn in played for each in turn.facts}
        return Told(
            facts=tuple(fact for fact in self.facts if fact.id in told),
            turns=played,
            questions=tuple(each for each in self.questions if set(each.answers) <= told),
        )


def read(text: str) -> Told:
    """Return what a document of TOML tells.

    Raises:
        ValueError: It is no such document, names what is not there, or a turn does not hold the facts that it tells.
    """
    from pydantic import TypeAdapter  # noqa: PLC0415 - heavy

    # By JSON: strict types take a list for a tuple there alone.
    told = TypeAdapter(Told).validate_json(json.dumps(tomllib.loads(text)))
    for kind, ids in (
        ("fact", [fact.id for fact in told.facts]),
        ("question", [each.id for each in told.questions]),
    ):
        if len(set(ids)) < len(ids):
            raise ValueError(f"a {kind} is there twice")
    facts = {fact.id: fact for fact in told.facts}
    named = [each for turn in told.turns for each in turn.facts] + [a for q in told.questions for a in q.answers]
    named += [fact.replaces for fact in told.facts if fact.replaces is not None]
    if unknown := sorted(set(named) - facts.keys()):
        raise ValueError(f"no such fact: {', '.join(unknown)}")
    for turn in told.turns:
        held = {fact.id for fact in told.facts if found(fact.holds, turn.said)}
        if missed := sorted(set(turn.facts) - held):
            raise ValueError(f"{turn.said!r} does not hold {', '.join(missed)} by its own patterns")
    for fact in told.facts:
        for pattern in (*fact.wrong, *fact.unless):
            re.compile(pattern)
    if any(not fact.holds for fact in told.facts) or any(not each.answers for each in told.questions):
        raise ValueError("a fact has patterns, and a question has facts that answer it")
    return told


def teller() -> Told:
    """Return the conversation that ships."""
    return read(TELLER.read_text(encoding="utf-8"))


def found(patterns: tuple[str, ...], text: str) -> bool:
    """Return whether all patterns are found in a text."""
    return all(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
