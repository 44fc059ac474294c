"""Tasks and the growing conversation, as they lie in this package: read strictly."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from showcase.errors import ShowcaseError
from showcase.evidence.fact import Fact

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PLACE = Path(__file__).parent
EXCHANGES = 9
"""A task's history has 18 turns: nine of the user and nine of the assistant, as in the published benchmark."""
MEMORIES = 6
GROWN = 20
"""The growing conversation has 40 turns."""
LANGUAGE = "language"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange(Fact):
    """What the user said and what came back: two turns.

    Attributes:
        user: Words of the user.
        assistant: Words of the assistant.
    """

    user: str
    assistant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered(Fact):
    """An exchange of the growing conversation, and the memory that is distilled from it."""

    user: str
    assistant: str
    memory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Fact):
    """What is asked for, and what was said before.

    Attributes:
        title: What it is, in a few words.
        question: The user's last turn, without a word about the form of the answer.
        keys: Keys of the JSON object that is the answer; each holds a text.
        languages: What `language` may be.
        memories: What was distilled from the history.
        history: The turns before.
    """

    title: str
    question: str
    keys: tuple[str, ...]
    languages: tuple[str, ...]
    memories: tuple[str, ...]
    history: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth(Fact):
    """A conversation of 40 turns, and what is asked at whatever point of it.

    Attributes:
        question: See `Task`.
        keys: See `Task`.
        languages: See `Task`.
        exchange: The exchanges, the oldest first.
    """

    question: str
    keys: tuple[str, ...]
    languages: tuple[str, ...]
    exchange: tuple[Remembered, ...]


def task(name: str) -> Task:
    """Read a task of this package.

    Raises:
        ShowcaseError: The file is not what it should be.
    """
    file = f"tasks/{name}.toml"
    read = parsed(Task, _bytes(file), file)
    _check(len(read.history) == EXCHANGES, file, f"`history` has {len(read.history)} exchanges, not {EXCHANGES}")
    _check(len(read.memories) == MEMORIES, file, f"`memories` has {len(read.memories)} entries, not {MEMORIES}")
    texts = [*read.memories, read.title, *(words for each in read.history for words in (each.user, each.assistant))]
    _check_contract(read, texts, file)
    return read


def growth() -> Growth:
    """Read the growing conversation.

    Raises:
        ShowcaseError: The file is not what it should be.
    """
    file = "growth.toml"
    read = parsed(Growth, _bytes(file), file)
    _check(len(read.exchange) == GROWN, file, f"`exchange` is there {len(read.exchange)} times, not {GROWN}")
    texts = [words for each in read.exchange for words in (each.user, each.assistant, each.memory)]
    _check_contract(read, texts, file)
    return read


def parsed(kind: type[T], data: bytes, file: str) -> T:
    """Return what a file says, by the fields of `kind`: no other key, no other type.

    Raises:
        ShowcaseError: It says something else; the message names the place.
    """
    try:
        document: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
        # By way of JSON, whose lists may be strict tuples; what TOML has beyond it, such as dates, is no text either.
        return TypeAdapter(kind).validate_json(json.dumps(document, default=str))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise _damaged(file, f"`{place}`: {first['msg']}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _damaged(file, str(error)) from error


def digest(names: tuple[str, ...]) -> str:
    """Return SHA-256 over the files of these tasks and of the growing conversation."""
    whole = hashlib.sha256()
    for file in (*(f"tasks/{name}.toml" for name in names), "growth.toml"):
        whole.update(hashlib.sha256(_bytes(file)).digest())
    return whole.hexdigest()


def _bytes(file: str) -> bytes:
    try:
        # As git may have it on Windows or not: the digest is of the text.
        return (PLACE / file).read_bytes().replace(b"\r\n", b"\n")
    except OSError as error:
        raise _damaged(file, error.strerror or str(error)) from error


def _check_contract(read: Task | Growth, texts: list[str], file: str) -> None:
    _check(LANGUAGE in read.keys, file, f"`keys` lacks {LANGUAGE}")
    _check(len(set(read.keys)) == len(read.keys), file, "`keys` names one twice")
    _check(bool(read.languages), file, "`languages` is empty")
    _check(
        all(words.strip() for words in (*texts, *read.keys, *read.languages, read.question)), file, "a text is empty"
    )


def _check(holds: bool, file: str, what: str) -> None:
    if not holds:
        raise _damaged(file, what)


def _damaged(file: str, what: str) -> ShowcaseError:
    return ShowcaseError(
        f"{file} of the prompt benchmark cannot be used: {what}",
        hint="it came with the program: put the file back, or install the program anew",
    )
