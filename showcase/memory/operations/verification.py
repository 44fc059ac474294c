"""Whether a log is whole: each line holds the digest of the one before, and the head that of the last."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from showcase.documents import regular_file
from showcase.errors import StoreError
from showcase.evidence.fact import Fact
from showcase.memory.operations import chain
from showcase.memory.operations.line import Line, digest, parse
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.memory.operations.chain import Head
    from showcase.settings.store_place import StorePlace

Status = Literal["whole", "broken", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified(Fact):
    """What a look at a log came to.

    Attributes:
        status: `unknown` where there is no log, or nothing that tells how far it went.
        lines: How many there are.
        head: SHA-256 of the last line, to be kept elsewhere; None where there is none.
        flaws: What is amiss, by the numbers of lines.
        remarks: What is not, and has to be known: lines that a crash cut off, a head that was made anew.
        open: Numbers of the operations that were begun and of which no end is noted.
    """

    status: Status
    lines: int
    head: str | None
    flaws: tuple[str, ...]
    remarks: tuple[str, ...]
    open: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A line as it lies in the file: what it says, None where it is no line of a log, and its digest."""

    line: Line | None
    sha256: str
    is_whole: bool


def held(place: StorePlace) -> Iterator[Held]:
    """Yield what the file holds, line by line.

    Raises:
        StoreError: It is there and cannot be read.
    """
    path = chain.path_of(place)
    try:
        with os.fdopen(regular_file.opened(path), "rb") as file:
            while data := file.readline(chain.MOST_BYTES):
                bare = data.removesuffix(b"\n")
                yield Held(line=parse(bare), sha256=digest(bare), is_whole=bare != data)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read: {error.strerror or error}", hint=f"see why: {here().who_may(path)}"
        ) from error


def lines(place: StorePlace) -> Iterator[Line]:
    """Yield the lines that are whole, whether they are to be trusted or not.

    Raises:
        StoreError: The log cannot be read.
    """
    yield from (each.line for each in held(place) if each.line is not None and each.is_whole)


def verify(place: StorePlace, *, earlier: str | None = None) -> Verified:
    """Look at a log as it lies there; nothing is changed.

    Args:
        place: The store.
        earlier: The digest of its last line as it was once, which has to be that of one of its lines.

    Raises:
        StoreError: It cannot be read.
    """
    head = chain.read_head(place)  # first: lines that come meanwhile lie behind it
    found = list(held(place))
    if not found:
        return _nothing(head, earlier)
    chained, flaws, remarks = _sorted_out(found)
    flaws += _gaps(chained)
    flaws += _links(chained)
    whole = {line.number: sha256 for line, sha256 in chained}
    last = max(whole, default=0)
    flaws += _against_head(head, whole, last)
    if earlier is not None and earlier not in whole.values():
        flaws.append(f"no line of it has the digest {earlier}: it is no continuation of what was there then")
    if head is None:
        why = f"{chain.HEAD} is not there, so that nobody can tell whether lines were taken from the end"
        remarks = [why, *remarks]
    remarks += _said(chained)
    return Verified(
        status="broken" if flaws else "unknown" if head is None else "whole",
        lines=len(chained),
        head=whole.get(last),
        flaws=tuple(flaws),
        remarks=tuple(remarks),
        open=unended([line for line, _ in chained]),
    )


def _nothing(head: Head | None, earlier: str | None) -> Verified:
    flaws = (
        [] if head is None else [f"lines 1 to {head.number} were taken out: the head names them, and no log is there"]
    )
    if earlier is not None and not flaws:
        flaws = [f"there is no log, and there was one that ended with {earlier}"]
    return Verified(
        status="broken" if flaws else "unknown",
        lines=0,
        head=None,
        flaws=tuple(flaws),
        remarks=() if flaws else ("there is no log: this program wrote nothing here since it keeps one",),
        open=(),
    )


def unended(some: list[Line]) -> tuple[int, ...]:
    """Return the operations that were begun and of which no end is noted."""
    begun = {line.number for line in some if line.step == "begun"}
    return tuple(sorted(begun - {line.operation for line in some if line.step in ("done", "failed")}))


def _sorted_out(found: list[Held]) -> tuple[list[tuple[Line, str]], list[str], list[str]]:
    """Return the lines of the chain, what is none of it, and what a crash left."""
    chained: list[tuple[Line, str]] = []
    flaws: list[str] = []
    remarks: list[str] = []
    for at, each in enumerate(found):
        after = found[at + 1].line if at + 1 < len(found) else None
        if after is not None and after.event == "TORN" and after.torn == each.sha256:
            remarks.append(f"before line {after.number} a line was cut off, as by a process that was ended; it says so")
        elif not each.is_whole:
            remarks.append("the last line was cut off, as by a process that was ended; the next writer notes it")
        elif each.line is None:
            flaws.append(f"what stands at place {at + 1} of the file is no line of a log: it was changed, or put in")
        else:
            chained.append((each.line, each.sha256))
    return chained, flaws, remarks


def _gaps(chained: list[tuple[Line, str]]) -> list[str]:
    flaws: list[str] = []
    there = {line.number for line, _ in chained}
    before = 0
    for number in sorted(there):
        if number > before + 1:
            flaws.append(f"{_lines(before + 1, number - 1)} not there: changed so that no line is left, or taken out")
        before = number
    highest = 0
    for line, _ in chained:
        if line.number <= highest:
            flaws.append(f"line {line.number} stands after line {highest}: put elsewhere, or there twice")
        highest = max(highest, line.number)
    return flaws


def _links(chained: list[tuple[Line, str]]) -> list[str]:
    by_number = {line.number: sha256 for line, sha256 in chained}
    flaws: dict[str, None] = {}
    for line, _ in chained:
        if line.number == 1 and line.previous is not None:
            flaws["line 1 names one before it: it was changed, or is the first of what is left"] = None
        elif line.number - 1 in by_number and line.previous != by_number[line.number - 1]:
            flaws[f"line {line.number - 1} was changed: line {line.number} holds another digest of it"] = None
    return list(flaws)


def _against_head(head: Head | None, whole: dict[int, str], last: int) -> list[str]:
    if head is None:
        return []
    if head.number > last:
        return [f"{_lines(last + 1, head.number)} not there: taken from the end, which the head names"]
    if head.number in whole and head.sha256 != whole[head.number]:
        return [f"line {head.number} was changed: the head holds another digest of it"]
    return []


def _said(chained: list[tuple[Line, str]]) -> list[str]:
    remarks = []
    for line, _ in chained:
        if line.event == "HEAD":
            remarks.append(
                f"when line {line.number} was written, no head was there: whether lines were taken from the end before "
                "it, cannot be told"
            )
        elif line.event == "KEY":
            remarks.append(
                f"when line {line.number} was written, the key was not there: whose and which the lines before it are "
                "about, cannot be told"
            )
    return remarks


def _lines(first: int, last: int) -> str:
    return f"line {first} is" if first == last else f"lines {first} to {last} are"
