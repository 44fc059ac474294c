"""What is told, what is asked of it, and which rows are right: a set of any origin."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Literal

from showcase.evidence.fact import Fact

Origin = Literal["made", "longmemeval", "locomo"]

KINDS = {
    "single": "one fact",
    "two": "two facts",
    "update": "an update: the newest counts",
    "contradiction": "a contradiction without a date: both count",
    "negation": "a negation",
    "number": "a number or a date",
    "similar": "people with similar names",
    "somebody-else": "somebody else's fact: abstain",
    "never-told": "never told: abstain",
    "language": "asked in German, Spanish or French",
    "paraphrase": "no word shared with the fact",
}
"""The kinds of questions of the made set."""

AT_MOST = 10
"""The longest ranking that is looked at."""

WIDEST = 0.2
"""Of a user's rows `AT_MOST` has to be less than this: beyond, whoever returns much finds much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Fact):
    """A row.

    Attributes:
        id: Unlike any other of its set.
        user: Who told it, and whose row it is.
        text: What is stored.
        when: When it was told, ISO 8601; None where that is not known.
    """

    id: str
    user: str
    text: str
    when: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Fact):
    """A question.

    Attributes:
        id: Unlike any other of its set.
        user: In whose rows it is asked.
        text: The question.
        kind: What makes it hard.
        right: Ids of the rows that it needs, all of them; empty where the only right answer is none.
        stale: Ids of rows that were right once.
    """

    id: str
    user: str
    text: str
    kind: str
    right: tuple[str, ...]
    stale: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RecallSet:
    """Rows and questions.

    Attributes:
        origin: Whose format it has.
        told: In the order in which they were told, one user after the other.
        asked: The questions, one user's after the other's.
        public: Whether its seed is the one in the repository; False for the held-out set, and for a file.
        odd: What was odd in the file that it is from, by the names of `oddities.ODDITIES`; of the whole file always.
    """

    origin: Origin
    told: tuple[Told, ...]
    asked: tuple[Asked, ...]
    public: bool = False
    odd: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def number(self) -> dict[str, int]:
        """The places of the rows in `told`, by their ids."""
        return {each.id: number for number, each in enumerate(self.told)}

    @cached_property
    def of_user(self) -> dict[str, tuple[int, ...]]:
        """The places of each user's rows, in the order in which they were told."""
        found: dict[str, list[int]] = {}
        for number, each in enumerate(self.told):
            found.setdefault(each.user, []).append(number)
        return {user: tuple(numbers) for user, numbers in found.items()}

    @cached_property
    def widest(self) -> float:
        """How much of the smallest user's rows the longest ranking is, from 0 to 1."""
        return min(1.0, AT_MOST / min(len(numbers) for numbers in self.of_user.values()))

    @property
    def trustworthy(self) -> bool:
        """Whether that is less than `WIDEST`."""
        return self.widest < WIDEST

    @cached_property
    def sha256(self) -> str:
        """The digest of `lines`."""
        return hashlib.sha256(self.lines()).hexdigest()

    def lines(self) -> bytes:
        """Return the set as JSON lines: the rows, then the questions, each with what it is."""
        rows = [{"is": "fact", **asdict(each)} for each in self.told]
        rows += [{"is": "question", **asdict(each)} for each in self.asked]
        return "".join(json.dumps(each, ensure_ascii=True) + "\n" for each in rows).encode("ascii")

    def fewer(self, count: int) -> RecallSet:
        """Return a set of so many of the questions, chosen by a hash of their ids, and of all rows of who is asked.

        A made set keeps the rows of everybody: they are one store.
        """
        chosen = set(sorted((each.id for each in self.asked), key=_digest)[:count])
        asked = tuple(each for each in self.asked if each.id in chosen)
        users = {each.user for each in asked}
        told = tuple(each for each in self.told if self.origin == "made" or each.user in users)
        return replace(self, told=told, asked=asked)

    def glance(self, *, questions: int, rows: int) -> RecallSet:
        """Return `fewer` of a file's haystacks that hold so many rows, by a hash of their names, but of one at least.

        A made set keeps them all: they are one store, and few.
        """
        if self.origin != "made" and len(self.told) > rows:
            kept: list[str] = []
            for user in sorted({each.user for each in self.asked}, key=_digest):
                left = rows - sum(len(self.of_user[each]) for each in kept)
                if not kept or len(self.of_user[user]) <= left:
                    kept.append(user)
            asked = tuple(each for each in self.asked if each.user in kept)
            return replace(self, told=tuple(each for each in self.told if each.user in kept), asked=asked).fewer(
                questions
            )
        return self.fewer(questions)


def half(question_id: str) -> int:
    """Return in which half a question is, 0 or 1: by a hash of its id, whatever else is asked."""
    return int(_digest(question_id)[:2], 16) & 1


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
