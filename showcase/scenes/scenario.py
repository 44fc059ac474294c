"""Who plants what, and who asks what: read from TOML, with the place of every fault."""

from __future__ import annotations

import itertools
import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.documents import reading
from showcase.documents.toml_places import Place, Places, place_of
from showcase.errors import UsageError
from showcase.evidence import Scenario, User
from showcase.memory.user_ids import check_user_id
from showcase.settings import languages
from showcase.shell import here
from showcase.shell.advice import near, quoted

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES = 16 * 1024 * 1024
MAX_MEMORIES = 10_000
MAX_SENTENCE = 100_000
"""Characters. mem0 hands each sentence to the embedding model, which reads a few thousand of them at most."""

MOST_FAULTS = 100

KEYS = ("title", "question", "users")
USER_KEYS = ("id", "memories", "question")

_AT = re.compile(r"(.*) \(at line (\d+), column (\d+)\)", re.DOTALL)
_CURLY = re.compile(r"[\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong at a place, and what to write instead."""

    place: Place
    message: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A scenario's file that was read.

    Attributes:
        scenario: What it describes, None where anything is wrong.
        faults: The first of them; what may be the reason of another comes before it.
        lines: The file's lines, to show those at fault.
    """

    scenario: Scenario | None
    faults: tuple[Fault, ...]
    lines: tuple[str, ...]


def read(path: Path | None = None, *, language: str | None = None) -> Scenario:
    """Return the scenario at `path`, where it is None the one that ships in a language.

    Raises:
        UsageError: The file cannot be read, is no TOML, or does not describe two users, with the line; or none ships in
            that language.
    """
    path = languages.scenario(language) if path is None else path
    found = check(path)
    if found.scenario is None:
        first = found.faults[0]
        raise UsageError(
            f"{path}, line {first.place.line}: {first.message}",
            hint=f"{first.fix}; see the place: showcase scenario check {quoted(path)}",
        )
    return found.scenario


def check(path: Path) -> Checked:
    """Look at a scenario's file without playing it.

    Raises:
        UsageError: It cannot be read.
    """
    try:
        data = reading.read(path, limit=MAX_BYTES)
    except reading.UnreadableError as error:
        raise _unreadable(path, error) from error
    text = data.decode("utf-8-sig", "replace")  # a byte order mark is what editors on Windows write
    scenario, faults = _judged(data, text, path)
    return Checked(scenario=scenario, faults=tuple(faults), lines=tuple(text.split("\n")))


def _unreadable(path: Path, error: Exception) -> UsageError:
    if os.path.lexists(path):
        return UsageError(f"cannot read {path}: {error}", hint=f"name a file; see what this is: {here().who_may(path)}")
    there = [each.name for each in path.parent.glob("*.toml")] if path.parent.is_dir() else []
    write = f"showcase scenario new {quoted(path)}"
    if not path.parent.is_dir():
        write = here().then(here().make_directory(path.parent), write)
    return UsageError(
        f"cannot read {path}: {error}{near(path.name, there)}",
        hint=f"write one of your own there: {write}",
    )


def _judged(data: bytes, text: str, path: Path) -> tuple[Scenario | None, list[Fault]]:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = place_of(before, len(before))
        return None, [Fault(place=place, message="this is not UTF-8", fix="save it as UTF-8")]
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return None, [_syntax(text, error)]
    judge = _Judge(document, Places(text))
    faults = list(itertools.islice(judge.faults(), MOST_FAULTS))
    return (None, faults) if faults else (judge.scenario(path.stem), [])


def _syntax(text: str, error: Exception) -> Fault:
    """Return what the parser complains of, with what is usually behind it."""
    if isinstance(error, RecursionError):
        return Fault(place=Place(line=1, column=1), message="this is not TOML: nested too deeply", fix=_FORM)
    told = _AT.fullmatch(str(error).replace("\r", ""))
    place = Place(line=int(told[2]), column=int(told[3])) if told else place_of(text, len(text))
    words = told[1] if told else str(error)
    line = text.split("\n")[place.line - 1]
    fix = _FORM
    if _CURLY.search(line):
        fix = 'write straight quotes: "…"'
    elif "Illegal character" in words or "Unterminated" in words:
        fix = "close the quote on the line that opens it"
    elif "array" in words:
        fix = 'a list is ["…", "…"]: put a comma between two texts, and close it'
    elif "Unescaped" in words:
        fix = "write a backslash twice, or the text in single quotes"
    elif "overwrite" in words:
        fix = "give each key once"
    return Fault(place=place, message=f"this is not TOML: {words}", fix=fix)


_FORM = 'a line is: key = "text", key = ["text", "text"] or [[users]]'


class _Judge:
    """What is wrong with a document, and the scenario that it is where nothing is."""

    def __init__(self, document: dict[str, Any], places: Places) -> None:
        self._document = document
        self._places = places

    def scenario(self, title: str) -> Scenario:
        """Return what the document describes; only where it has no fault."""
        question = self._document.get("question")
        first, second = (
            User(id=user["id"], memories=tuple(user["memories"]), question=user.get("question", question))
            for user in self._document["users"]
        )
        return Scenario(title=self._document.get("title", title), first=first, second=second)

    def faults(self) -> Iterator[Fault]:
        """Yield each fault."""
        yield from self._unknown((), self._document, KEYS, "title, question, [[users]]")
        for key in ("title", "question"):
            if key in self._document:
                yield from self._text(self._document[key], f"the {key}", key)
        users = self._document.get("users")
        count = len(users) if isinstance(users, list) else 0
        if not isinstance(users, list) or count != 2:  # noqa: PLR2004 - one who plants, one who must not see
            yield Fault(
                place=self._places.key("users", count - 1) if count else self._places.key("users"),
                message=f"{count} users, two are needed: one whose memories must persist, one who must not see them",
                fix='two sections [[users]], each with id = "…" and memories = ["…"]',
            )
        seen: list[str] = []
        for number, user in enumerate(users if isinstance(users, list) else ()):
            yield from self._user(user, number, seen)
        yield from self._shared(users if isinstance(users, list) else [])

    def _unknown(
        self, path: tuple[str | int, ...], table: dict[str, Any], known: tuple[str, ...], named: str
    ) -> Iterator[Fault]:
        for key in table:
            if key in known:
                continue
            fix = f"known: {named}"
            if path and key in KEYS:
                fix = f"write {key} above the first [[users]]: below it, it is taken for the user's"
            yield Fault(place=self._places.key(*path, key), message=f"unknown key {key!r}{near(key, known)}", fix=fix)

    def _user(self, user: Any, number: int, seen: list[str]) -> Iterator[Fault]:  # noqa: ANN401 - whatever the file holds
        at = ("users", number)
        if not isinstance(user, dict):
            yield Fault(
                place=self._places.value(*at), message="a user is not a table", fix='write [[users]], below it id = "…"'
            )
            return
        yield from self._unknown(at, user, USER_KEYS, ", ".join(USER_KEYS))
        user_id = user.get("id")
        if isinstance(user_id, str):
            try:
                check_user_id(user_id, others=seen)
            except UsageError as error:
                yield Fault(place=self._places.value(*at, "id"), message=error.message, fix=error.hint)
            seen.append(user_id)
        else:
            yield Fault(place=self._places.value(*at, "id"), message="a user needs an id", fix='id = "alice"')
        name = f"user {user_id!r}" if isinstance(user_id, str) else f"user {number + 1}"
        yield from self._memories(user.get("memories"), name, (*at, "memories"))
        if "question" in user:
            yield from self._text(user["question"], "the question", *at, "question")
        elif "question" not in self._document:
            yield Fault(
                place=self._places.key(*at),
                message=f"nothing for {name.removeprefix('user ')} to ask",
                fix='question = "…" at the top of the file',
            )

    def _memories(self, memories: Any, name: str, at: tuple[str | int, ...]) -> Iterator[Fault]:  # noqa: ANN401 - as above
        fix = 'memories = ["…", "…"]'
        if not isinstance(memories, list) or not memories:
            is_wrong = memories is not None and not isinstance(memories, list)
            said = f"the memories of {name} are no list of texts" if is_wrong else f"{name} plants nothing"
            yield Fault(place=self._places.value(*at), message=said, fix=fix)
            return
        if len(memories) > MAX_MEMORIES:
            said = f"{name} has {len(memories)} memories, at most {MAX_MEMORIES} are accepted"
            yield Fault(place=self._places.value(*at), message=said, fix="split the scenario")
            return
        seen: set[str] = set()
        for number, text in enumerate(memories):
            yield from self._text(text, "a memory", *at, number)
            if isinstance(text, str) and text in seen:
                where = self._places.value(*at, number)
                yield Fault(place=where, message="a memory is there twice", fix="keep one of them")
            seen.add(str(text))

    def _shared(self, users: list[Any]) -> Iterator[Fault]:
        lists = [user.get("memories") for user in users[:2] if isinstance(user, dict)]
        first, second = (each if isinstance(each, list) else [] for each in [*lists, None, None][:2])
        known = {text for text in first if isinstance(text, str)}
        for number, text in enumerate(second):
            if isinstance(text, str) and text in known:
                yield Fault(
                    place=self._places.value("users", 1, "memories", number),
                    message="both users plant the same sentence, so that a leak between them could not be told",
                    fix="give the second user a sentence of their own",
                )

    def _text(self, text: Any, what: str, *at: str | int) -> Iterator[Fault]:  # noqa: ANN401 - as above
        if not isinstance(text, str) or not text.strip():
            empty = isinstance(text, str)
            said = f"{what} is empty, and so not a text" if empty else f"{what} is not a text"
            yield Fault(place=self._places.value(*at), message=said, fix='write it as "…"')
        elif len(text) > MAX_SENTENCE:
            yield Fault(
                place=self._places.value(*at),
                message=f"{what} has {len(text):,} characters, at most {MAX_SENTENCE:,} are accepted",
                fix="a memory is a sentence: split it",
            )
