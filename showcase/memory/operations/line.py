"""A line of the log, and what it says of the process that wrote it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from showcase.evidence.fact import Fact

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Event = Literal[
    "ADD", "UPDATE", "DELETE", "NONE", "PIN", "UNPIN", "RECALL", "NOTE", "IMPORT", "ERASE", "MOVE", "REEMBED",
    "SEARCH", "LIST", "SHOW", "HISTORY", "EXPORT",
    "BEGIN", "THERE", "KEY", "HEAD", "TORN",
]  # fmt: skip
"""What was done. RECALL: memories were part of a prompt; NOTE: another mark beside a row. The last five are of the log
itself: it begins, names what was there before, got a new key, found no head, or found a line that was cut off."""

READS: frozenset[Event] = frozenset({"SEARCH", "LIST", "SHOW", "HISTORY", "EXPORT"})

Step = Literal["begun", "done", "failed", "noted"]
"""A write is two lines: `begun` before it, then `done` or `failed`. What is done by one line is `noted`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process(Fact):
    """Who wrote a line.

    Attributes:
        pid: Its number.
        started: When it began, ISO 8601, UTC; None where the system does not tell.
        uid: Its user's number; None on Windows.
        command: What was called, without what was said to it.
        version: Of this program.
    """

    pid: int
    started: str | None
    uid: int | None
    command: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Fact):
    """A line.

    Attributes:
        number: From 1.
        at: ISO 8601, UTC.
        event: See `Event`.
        step: See `Step`.
        operation: Number of the line by which the operation was begun.
        user: Pseudonym of whose memories; None for everybody's, or where nobody is to be told any more.
        memories: Pseudonyms of which; of what goes, all that it had under keys that are gone.
        count: How many.
        process: Who wrote it.
        torn: SHA-256 of a line before this one that was cut off.
        previous: SHA-256 of the whole line before; None of the first.
    """

    number: int
    at: str
    event: Event
    step: Step
    operation: int
    user: str | None
    memories: tuple[str, ...]
    count: int
    process: Process
    torn: str | None
    previous: str | None


def dump(line: Line) -> bytes:
    """Return a line without its end."""
    return json.dumps(asdict(line), separators=(",", ":")).encode()


def parse(data: bytes) -> Line | None:
    """Return what `dump` wrote, None for anything else."""
    from pydantic import ValidationError  # noqa: PLC0415 - heavy

    try:
        return _adapter().validate_json(data)
    except ValidationError:
        return None


def digest(data: bytes) -> str:
    """Return the SHA-256 of a line without its end."""
    return hashlib.sha256(data).hexdigest()


@cache
def _adapter() -> TypeAdapter[Line]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - heavy

    return TypeAdapter(Line)
