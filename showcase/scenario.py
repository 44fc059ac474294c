"""Who plants what, and who asks what: read from TOML, with the line at fault in every error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn

from showcase.documents import reading
from showcase.errors import UsageError
from showcase.evidence import Scenario, User
from showcase.memory.user_ids import check_user_id
from showcase.resources import PACKAGE

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT = PACKAGE / "default_scenario.toml"
MAX_BYTES = 16 * 1024 * 1024
MAX_MEMORIES = 10_000
MAX_SENTENCE = 100_000
"""Characters. mem0 hands each sentence to the embedding model, which reads a few thousand of them at most."""


class _Source:
    """A scenario's text, to tell the line of what is wrong in it."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()

    def fail(self, message: str, line: int, fix: str) -> NoReturn:
        raise UsageError(f"{self.path}, line {line}: {message}", hint=fix)

    def line_of_user(self, index: int) -> int:
        """Return the line of the header of the users' entry `index`."""
        headers = [n for n, line in enumerate(self.lines, 1) if line.split("#")[0].strip() == "[[users]]"]
        return headers[index] if index < len(headers) else 1

    def line_of_key(self, key: str, *, after: int = 1) -> int:
        """Return the first line at or behind `after` that assigns `key`, else `after`."""
        for number, line in enumerate(self.lines[after - 1 :], after):
            if line.partition("=")[0].strip().strip("\"'") == key and "=" in line:
                return number
        return after

    def line_of_text(self, text: str, *, after: int = 1) -> int:
        """Return the first line at or behind `after` that holds the beginning of `text`, else `after`."""
        start = text.splitlines()[0][:40] if text.strip() else f'"{text}"'
        for number, line in enumerate(self.lines[after - 1 :], after):
            if start in line:
                return number
        return after


def read(path: Path | None = None) -> Scenario:
    """Return the scenario at `path`, the one that ships where it is None.

    Raises:
        UsageError: The file cannot be read, is no TOML, or does not describe two users; with the line.
    """
    path = DEFAULT if path is None else path
    example = f"start from the one that ships: cp {DEFAULT} {path.name}"
    try:
        data = reading.read(path, limit=MAX_BYTES)
    except reading.UnreadableError as error:
        raise UsageError(f"cannot read {path}: {error}", hint=example) from error
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}, line {line}: this is not UTF-8", hint="save it as UTF-8") from error
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {error}", hint=example) from error
    return _scenario(document, _Source(path, text))


def _scenario(document: dict[str, Any], source: _Source) -> Scenario:
    for key in document:
        if key not in ("title", "question", "users"):
            source.fail(f"unknown key {key!r}", source.line_of_key(key), "known: title, question, [[users]]")
    title = document.get("title", source.path.stem)
    if not isinstance(title, str) or not title.strip():
        source.fail("title is not a text", source.line_of_key("title"), 'title = "…"')
    question = document.get("question")
    if question is not None:
        _check_text(question, "question", source, source.line_of_key("question"))
    users = document.get("users")
    if not isinstance(users, list) or len(users) != 2:  # noqa: PLR2004 - one who plants, one who must not see
        count = len(users) if isinstance(users, list) else 0
        source.fail(
            f"{count} users, two are needed: one whose memories must persist, one who must not see them",
            source.line_of_user(count - 1) if count else source.line_of_key("users"),
            'two sections [[users]], each with id = "…" and memories = ["…"]',
        )
    first = _user(users[0], 0, question, source, others=())
    second = _user(users[1], 1, question, source, others=(first.id,))
    shared = next((text for text in second.memories if text in first.memories), None)
    if shared is not None:
        source.fail(
            "both users plant the same sentence, so that a leak between them could not be told",
            source.line_of_text(shared, after=source.line_of_user(1)),
            "give the second user a sentence of their own",
        )
    return Scenario(title=title, first=first, second=second)


def _user(entry: Any, index: int, question: str | None, source: _Source, others: tuple[str, ...]) -> User:  # noqa: ANN401 - whatever the file holds
    line = source.line_of_user(index)
    if not isinstance(entry, dict):
        source.fail("a user is not a table", line, 'write [[users]] and below it id = "…"')
    for key in entry:
        if key not in ("id", "memories", "question"):
            source.fail(f"unknown key {key!r}", source.line_of_key(key, after=line), "known: id, memories, question")
    user_id = entry.get("id")
    if not isinstance(user_id, str):
        source.fail("a user needs an id", line, 'id = "alice"')
    try:
        check_user_id(user_id, others=others)
    except UsageError as error:
        raise UsageError(
            f"{source.path}, line {source.line_of_key('id', after=line)}: {error.message}", hint=error.hint
        ) from error
    memories = _memories(entry.get("memories"), user_id, line, source)
    own = entry.get("question", question)
    if own is None:
        source.fail(f"nothing for {user_id!r} to ask", line, 'question = "…" at the top of the file')
    _check_text(own, "question", source, source.line_of_key("question", after=line))
    return User(id=user_id, memories=memories, question=own)


def _memories(memories: Any, user_id: str, line: int, source: _Source) -> tuple[str, ...]:  # noqa: ANN401 - as above
    if not isinstance(memories, list) or not memories:
        source.fail(f"user {user_id!r} plants nothing", source.line_of_key("memories", after=line), 'memories = ["…"]')
    if len(memories) > MAX_MEMORIES:
        source.fail(
            f"user {user_id!r} has {len(memories)} memories, at most {MAX_MEMORIES} are accepted",
            source.line_of_key("memories", after=line),
            "split the scenario",
        )
    seen: set[str] = set()
    for text in memories:
        # Looked for only where something is wrong: ten thousand look-ups in ten thousand lines take a minute.
        if not isinstance(text, str) or not text.strip() or len(text) > MAX_SENTENCE:
            _check_text(text, "a memory", source, source.line_of_text(str(text), after=line))
        if text in seen:
            source.fail("a memory is there twice", source.line_of_text(text, after=line), "keep one of them")
        seen.add(text)
    return tuple(memories)


def _check_text(text: Any, what: str, source: _Source, line: int) -> None:  # noqa: ANN401 - as above
    if not isinstance(text, str) or not text.strip():
        source.fail(f"{what} is not a text", line, 'write it as "…"')
    if len(text) > MAX_SENTENCE:
        source.fail(
            f"{what} has {len(text):,} characters, at most {MAX_SENTENCE:,} are accepted",
            line,
            "a memory is a sentence: split it",
        )
