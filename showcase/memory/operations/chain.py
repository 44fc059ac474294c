"""The file of the log: lines are added to its end, each with the digest of the one before; nothing else is written.

Beside it lies its head: the number and digest of the last line. Whoever takes lines from the end has to change that
too; whoever changes both is found by a digest that was kept elsewhere. A writer goes on from the head also where lines
are gone, so that it never covers up for them.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.clock import utc_now
from showcase.documents import regular_file
from showcase.errors import StoreError
from showcase.evidence.fact import Fact
from showcase.memory.operations import names, process
from showcase.memory.operations.line import Event, Line, Process, Step, digest, dump, parse
from showcase.shell import here

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.memory.operations.names import Names
    from showcase.settings.store_place import StorePlace

LOG = "showcase-operations.jsonl"
HEAD = "showcase-operations-head.json"
LOCK = "showcase-operations.lock"
"""Held for as long as a line is written: who reads memories does not wait for whoever stores one."""

PATIENCE_S = 30.0
MOST_BYTES = 16 * 1024 * 1024
"""Of a line: there is none as long, and what is longer is none."""

_AT_ONCE = 1000
"""Pseudonyms a line, where a log begins on a store that has rows."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FLAGS = (
    os.O_RDWR
    | os.O_APPEND
    | os.O_CREAT
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
)

Ids = Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is to be written: a line without its place in the chain, users and memories by their own names."""

    event: Event
    step: Step = "noted"
    operation: int | None = None
    user_id: str | None = None
    ids: tuple[str, ...] = ()
    count: int | None = None
    torn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head(Fact):
    """The last line: its number, its digest, and how long the log is with it."""

    number: int
    sha256: str | None
    bytes: int


def path_of(place: StorePlace) -> Path:
    """Return where the log of a store lies."""
    return place.home / LOG


def is_kept(place: StorePlace) -> bool:
    """Tell whether a store has a log, or had one."""
    return os.path.lexists(place.home / LOG) or os.path.lexists(place.home / HEAD)


def append(place: StorePlace, drafts: Sequence[Draft], *, there: Ids, syncs: bool = True) -> int:
    """Add lines at once, and return the number of the first.

    Args:
        place: The store.
        drafts: What they say.
        there: Returns the ids of the rows that are there, with which a log begins.
        syncs: Whether they are brought down to the disk.

    Raises:
        StoreError: They cannot be written; the log is as it was.
    """
    path = path_of(place)
    try:
        place.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(place):
            descriptor = os.open(path, _FLAGS, 0o600)
            try:
                seen = os.fstat(descriptor)
                regular_file.check(path, seen)
                regular_file.check_own(seen)
                return _append(place, descriptor, drafts, there, syncs=syncs)
            finally:
                os.close(descriptor)
    except OSError as error:
        fix = here().free_space(place.home) if error.errno in _FULL else here().who_may(path)
        raise StoreError(
            f"the log of operations {path} cannot be written: {error.strerror or error}", hint=f"see why: {fix}"
        ) from error


def _append(place: StorePlace, descriptor: int, drafts: Sequence[Draft], there: Ids, *, syncs: bool) -> int:
    size = os.fstat(descriptor).st_size
    head, before, cut = _end(place, descriptor, size)
    known = names.read(place)
    is_new = size == 0 and head.number == 0
    if is_new:
        ids = tuple(there())
        before = [Draft(event="BEGIN", count=len(ids))]
        before += [Draft(event="THERE", ids=ids[at : at + _AT_ONCE]) for at in range(0, len(ids), _AT_ONCE)]
    elif known is None:
        before.append(Draft(event="KEY"))
    known = known or names.begin(place)
    lines, number, previous = [], head.number, head.sha256
    at, own = utc_now(), process.this()
    for draft in (*before, *drafts):
        number += 1
        data = dump(_line(draft, known, number=number, at=at, own=own, previous=previous))
        previous = digest(data)
        lines.append(data)
    _write(descriptor, size, b"\n" * cut + b"".join(each + b"\n" for each in lines), syncs=syncs)
    with suppress(OSError):  # the lines are there: whoever writes next finds them behind the head
        _write_head(place, Head(number=number, sha256=previous, bytes=os.fstat(descriptor).st_size))
    return head.number + len(before) + 1


def _line(draft: Draft, known: Names, *, number: int, at: str, own: Process, previous: str | None) -> Line:
    return Line(
        number=number,
        at=at,
        event=draft.event,
        step=draft.step,
        operation=number if draft.operation is None else draft.operation,
        user=None if draft.user_id is None else known.pseudonym("user", draft.user_id),
        memories=_pseudonyms(draft, known),
        count=len(draft.ids) if draft.count is None else draft.count,
        process=own,
        torn=draft.torn,
        previous=previous,
    )


def _pseudonyms(draft: Draft, known: Names) -> tuple[str, ...]:
    """Return those of now; of what goes all that it ever had: no key will tell any more that they are one memory's."""
    if draft.event not in ("DELETE", "ERASE"):
        return tuple(known.pseudonym("memory", each) for each in draft.ids)
    return tuple(pseudonym for each in draft.ids for pseudonym in sorted(known.all_of("memory", each)))


def _write(descriptor: int, size: int, data: bytes, *, syncs: bool) -> None:
    """Write lines whole or not at all, as far as that is in the hand of a process that lives."""
    left = memoryview(data)
    try:
        while left:
            left = left[os.write(descriptor, left) :]
        if syncs:
            os.fsync(descriptor)
    except OSError:
        with suppress(OSError):
            os.ftruncate(descriptor, size)  # to where this writer began, and never before
        raise


def _end(place: StorePlace, descriptor: int, size: int) -> tuple[Head, list[Draft], bool]:
    """Return the last line, what is to be said before others are added, and whether a line was cut off."""
    head = read_head(place)
    said: list[Draft] = []
    if head is None:
        head = Head(number=0, sha256=None, bytes=0)
        said += [Draft(event="HEAD")] if size else []
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(head.bytes if size >= head.bytes else _begin_of_last(file, size))
        rest = b""
        while rest := file.readline(MOST_BYTES):
            if not rest.endswith(b"\n"):
                break
            line = parse(rest[:-1])
            if line is not None and line.number > head.number and size >= head.bytes:
                head = Head(number=line.number, sha256=digest(rest[:-1]), bytes=file.tell())
    if rest:
        said.append(Draft(event="TORN", torn=digest(rest)))
    return head, said, bool(rest)


def _begin_of_last(file: Any, size: int) -> int:  # noqa: ANN401 - a binary file
    """Return where the last line begins of a log that is shorter than its head says."""
    file.seek(max(0, size - MOST_BYTES))
    data: bytes = file.read(size)
    return max(0, size - MOST_BYTES) + data.rfind(b"\n") + 1


def read_head(place: StorePlace) -> Head | None:
    """Return what the head says, None where it is not there or says nothing."""
    try:
        document = json.loads(regular_file.read(place.home / HEAD, limit=4096))
        head = Head(number=document["number"], sha256=document["sha256"], bytes=document["bytes"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    is_one = type(head.number) is int and type(head.bytes) is int and isinstance(head.sha256, str)
    return head if is_one and head.number > 0 and head.bytes >= 0 else None


def _write_head(place: StorePlace, head: Head) -> None:
    whole = place.home / f".{HEAD}.new"  # one writer at a time
    whole.unlink(missing_ok=True)
    descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(json.dumps({"number": head.number, "sha256": head.sha256, "bytes": head.bytes}).encode() + b"\n")
    whole.replace(place.home / HEAD)


@contextmanager
def _alone(place: StorePlace) -> Iterator[None]:
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only where something is written

    try:
        with FileLock(place.home / LOCK, mode=0o600, timeout=PATIENCE_S, is_singleton=True):
            yield
    except Timeout as error:
        raise StoreError(
            f"another process has held the log of operations of {place.named} for {PATIENCE_S:g} s",
            hint=f"see which: {here().who_has_open(place.home / LOCK)}",
        ) from error
