"""Numbered pseudonyms: the same text gets the same one, and what claims look for stays to be found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.claims.disclosure import RUN_WORDS, held
from showcase.claims.isolation import given_to, memories_of_the_first
from showcase.claims.persistence import memories_for_the_control
from showcase.claims.reading import control, session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from showcase.evidence import MemoryRow, Recall, Run

_PATH = re.compile(r"""(?<![\w:/.~-])(?:~|\.{1,2})?/[\w.~@%+-][^\s'"<>|]*|\b[A-Za-z]:\\[^\s'"<>|]+""")
"""A path that is absolute or begins in a home or a parent directory; of POSIX or of Windows."""


class Pseudonyms:
    """Names for the texts of one run.

    Numbers of one kind have the same width, so that no pseudonym is part of another: `memory-1` would be found
    in a prompt that holds `memory-12`.
    """

    def __init__(self, run: Run) -> None:
        planned = () if run.scenario is None else (run.scenario.first, run.scenario.second)
        processes = (*run.sessions, *run.controls)
        rows: list[MemoryRow | Recall] = []
        for process in processes:
            rows += [*process.planted, *(process.listed or ()), *(process.recalled or ())]
        users = _distinct(
            [*(user.id for user in planned), *(s.user_id for s in processes), *(row.user_id for row in rows)]
        )
        handed_over = [add.text for process in processes for add in process.empty_adds]
        memories = _distinct(
            [*(text for user in planned for text in user.memories), *(row.text for row in rows), *handed_over]
        )
        questions = _distinct([*(user.question for user in planned), *(s.question for s in processes)])
        self._numbers: dict[str, dict[str, int]] = {}
        self._users = {user: f"user-{number}" for user, number in _numbered(users)}
        self._known = {text: f"memory-{number}" for text, number in _numbered(memories)}
        self._known.update(
            {text: f"question-{number}" for text, number in _numbered(questions) if text not in self._known}
        )
        self._keep_what_others_say_of_the_first(run)
        self._anywhere = _alternation(self._known)
        self._anyone = _alternation(self._users)

    def _keep_what_others_say_of_the_first(self, run: Run) -> None:
        """Mark texts that hold what the first user planted, whole or a run of its words, where claims find it."""
        third, empty = session(run, 3), control(run, "empty-store")
        others = ((third, memories_of_the_first(run)), (empty, memories_for_the_control(run)))
        looked = [([] if each is None else [text for _, text in given_to(each)], mine) for each, mine in others]
        self._firsts = frozenset(text for _, mine in others for text in (*mine.texts, *mine.shared))
        self._given: dict[str, list[str]] = {text: [] for given, _ in looked for text in given}
        found = [(each, given[each.text]) for given, mine in looked for each in mine.look(given)]
        for number, (each, text) in enumerate(found, start=1):
            if not each.whole:
                part = "-".join(["part", *[str(number)] * RUN_WORDS])
                self._known[each.memory] += f" ({part})"
                self._given[text].append(part)
        for each, text in found:
            if each.whole:
                self._given[text].append(self._known[each.memory])
        own = () if run.scenario is None else (*run.scenario.second.memories, run.scenario.second.question)
        for text in [text for text in self._known if text not in self._firsts]:
            says = self._saying(text, self._firsts) if text in own else []
            marks = _distinct([*says, *self._given.get(text, ())])
            if marks:
                self._known[text] += f" ({', '.join(marks)})"

    def user(self, user_id: str) -> str:
        """Return the pseudonym of a user."""
        return self._users[user_id]

    def number(self, kind: str, text: str) -> str:
        """Return a pseudonym of a kind of which nothing is ever looked for in another text."""
        numbers = self._numbers.setdefault(kind, {})
        return f"{kind}-{numbers.setdefault(text, len(numbers) + 1)}"

    def memory(self, text: str) -> str:
        """Return the pseudonym of a memory or a question; a blank text has nothing to hide."""
        return self._known.get(text, text) if not text.strip() else self._known[text]

    def prose(self, kind: str, text: str) -> str:
        """Return the pseudonym of a prompt or a reply, followed by those of all that it holds."""
        if text in self._known or not text.strip():
            return self.memory(text)
        marks = self._marks(text)
        return self.number(kind, text) + (f": {', '.join(marks)}" if marks else "")

    def _marks(self, text: str) -> list[str]:
        """Return the pseudonyms of all that a prompt or a reply holds, as far as claims find it there."""
        if text in self._given:
            others = [known for known in self._known if known not in self._firsts]
            return _distinct([*self._saying(text, others), *self._given[text]])
        return self._saying(text, self._known)

    def _saying(self, text: str, memories: Iterable[str]) -> list[str]:
        return [self._known[memory] for memory in held(memories, text)]

    def prompt(self, text: str, recalled: Iterable[str]) -> str:
        """Return the pseudonym of a prompt, whose closing facts stay a line each where they are what was recalled."""
        rows = list(recalled)
        facts = "".join(f"\n- {row}" for row in rows)
        if text in self._known or not text.endswith(facts):
            return self.prose("prompt", text)
        opening = text.removesuffix(facts)
        first = self.prose("prompt", opening)
        # What claims find in the whole of it has to be found there again.
        marks = [mark for mark in self._given.get(text, ()) if mark not in first]
        first += f" ({', '.join(marks)})" if marks else ""
        more = ["…"] * (len(opening.splitlines()) - 1)
        return "\n".join([first, *more]) + "".join(f"\n- {self.memory(row)}" for row in rows)

    def scrub(self, text: str) -> str:
        """Return a text of this program without the memories, users and paths that it mentions."""
        text = self._anywhere.sub(lambda match: self._known[match.group()], text)
        text = self._anyone.sub(lambda match: self._users[match.group()], text)
        return _PATH.sub(lambda match: self.number("path", match.group()), text)


def _distinct(texts: Iterable[str | None]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text is not None and text.strip()]


def _numbered(texts: list[str]) -> list[tuple[str, str]]:
    width = len(str(len(texts)))
    return [(text, str(number).zfill(width)) for number, text in enumerate(texts, start=1)]


def _alternation(texts: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds any of the texts as whole words, the longest first."""
    choices = "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{choices})(?!\w)") if choices else re.compile(r"(?!)")
