"""Reads an export strictly: every line is looked at before anything is written, and a complaint names the line."""

from __future__ import annotations

import math
import re
from array import array
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NoReturn

from showcase.documents import strict_json
from showcase.engines.discovery import UNIT_NORM_TOLERANCE
from showcase.errors import ShowcaseError, UsageError
from showcase.evidence.fact import Fact
from showcase.memory import stored
from showcase.memory.export_file import FORMAT, LONGEST_LINE, VERSION, Header
from showcase.memory.history import HistoryEvent
from showcase.memory.stored import Stored
from showcase.memory.user_ids import check_user_id
from showcase.shell.advice import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES = 1024**3
MOST_ROWS = 1_000_000

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_EVENTS = ("ADD", "UPDATE", "DELETE")
_HEADER = {each.name for each in fields(Header)} | {"format", "version"}
_ROW = {each.name for each in fields(Stored)} | {"history"}
_EVENT = {each.name for each in fields(HistoryEvent)}
_MOST_BESIDE = 64
_MOST_EVENTS = 10_000
_MOST_DIMENSIONS = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming(Fact):
    """A row of an export, with the line on which it stands; `vector` is None where it brings none."""

    line: int
    row: Stored
    vector: array[float] | None
    history: tuple[HistoryEvent, ...]


def parse(data: bytes, *, name: str) -> tuple[Header, tuple[Incoming, ...]]:
    """Return what an export holds.

    Args:
        data: The file.
        name: What to call it.

    Raises:
        UsageError: It is no export, was cut off, or a row of it is not to be trusted; which line, and why.
    """
    lines = data.split(b"\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise UsageError(f"{name} is empty", hint=_REMEDY)
    header = _header(_Line(name, 1, lines[0]))
    if len(lines) - 1 != header.rows:
        raise UsageError(
            f"{name} is not whole: its first line tells of {header.rows:,} memories, and {len(lines) - 1:,} follow",
            hint=_REMEDY,
        )
    found: dict[str, Incoming] = {}
    for number, line in enumerate(lines[1:], start=2):
        each = _Line(name, number, line)
        incoming = _incoming(each, header)
        twin = found.setdefault(incoming.row.memory_id, incoming)
        if twin is not incoming:
            each.refuse(f"its id is that of line {twin.line}")
    return header, tuple(found.values())


class _Line:
    """One line as an object, whose fields are taken out by their types."""

    def __init__(self, name: str, number: int, line: bytes) -> None:
        self._name, self.number = name, number
        if len(line) > LONGEST_LINE:
            self.refuse(f"it has {len(line):,} bytes, at most {LONGEST_LINE:,} are read")
        try:
            document = strict_json.parse(line)
        except ValueError as error:
            self.refuse(f"it is no JSON that can be read: {error}")
        if not isinstance(document, dict):
            self.refuse("it is no object")
        self.held: dict[str, Any] = document

    def refuse(self, why: str) -> NoReturn:
        raise UsageError(f"{self._name}, line {self.number}: {printable(why)}", hint=_REMEDY)

    def check_names(self, needed: set[str], held: Mapping[str, Any], *, what: str) -> None:
        """Refuse an object that lacks a name, or has one that is not known."""
        missing, odd = needed - held.keys(), held.keys() - needed
        if missing:
            self.refuse(f"{what} has no {min(missing)!r}")
        if odd:
            self.refuse(f"{what} has {min(odd)[:80]!r}, which is not known")

    def take(self, held: Mapping[str, Any], name: str, *kinds: type | None) -> Any:  # noqa: ANN401 - of these kinds
        """Return a field that is of one of these kinds; None stands for null. True is no number here."""
        value = held[name]
        if not ((value is None and None in kinds) or any(type(value) is kind for kind in kinds)):
            wanted = " or ".join("null" if kind is None else _CALLED[kind] for kind in kinds)
            self.refuse(f"{name!r} is not {wanted}")
        return value

    def take_time(self, held: Mapping[str, Any], name: str) -> str | None:
        text = self.take(held, name, str, None)
        if text is not None and stored.moment(text) is None:
            self.refuse(f"{name!r} is no time in ISO 8601")
        return None if text is None else str(text)


def _header(line: _Line) -> Header:
    if line.held.get("format") != FORMAT:
        line.refuse("it is not the first line of an export of memories")
    if line.held.get("version") != VERSION:
        line.refuse(f"it is of version {line.held.get('version')!r:.20}, known here is {VERSION}")
    line.check_names(_HEADER, line.held, what="the header")
    rows, dimensions = line.take(line.held, "rows", int), line.take(line.held, "dimensions", int, None)
    if not 0 <= rows <= MOST_ROWS or not 0 < (1 if dimensions is None else dimensions) <= _MOST_DIMENSIONS:
        line.refuse(f"{rows} rows of {dimensions} numbers: that is more or less than can be")
    layout = line.take(line.held, "layout", str)
    if layout not in ("shared", "per-user"):
        line.refuse("'layout' is not shared or per-user")
    return Header(
        rows=rows,
        embed_model=line.take(line.held, "embed_model", str, None),
        embed_digest=line.take(line.held, "embed_digest", str, None),
        dimensions=dimensions,
        layout=layout,
        vectors=line.take(line.held, "vectors", bool),
        exported_at=line.take(line.held, "exported_at", str),
    )


def _incoming(line: _Line, header: Header) -> Incoming:
    held = line.held
    needed = _ROW | ({"vector"} if header.vectors else set())
    line.check_names(needed, held, what="the memory")
    memory_id, text, user_id = (line.take(held, name, str) for name in ("memory_id", "text", "user_id"))
    if not _ID.fullmatch(memory_id):
        line.refuse("'memory_id' is no id: 1 to 128 letters, digits, dots and hyphens")
    if not text.strip():
        line.refuse("'text' is empty")
    _check_text(line, "text", text)
    try:
        check_user_id(user_id)
    except ShowcaseError as error:
        line.refuse(error.message)
    source = line.take(held, "source", str)
    if source not in ("typed", "extracted", "imported", "unknown"):
        line.refuse("'source' is not typed, extracted, imported or unknown")
    recalled = line.take(held, "recalled", int)
    if recalled < 0:
        line.refuse("'recalled' is below 0")
    row = Stored(
        memory_id=memory_id,
        text=text,
        user_id=user_id,
        source="imported" if source == "unknown" else source,
        question=line.take(held, "question", bool),
        created_at=line.take_time(held, "created_at"),
        updated_at=line.take_time(held, "updated_at"),
        pinned=line.take(held, "pinned", bool),
        recalled=recalled,
        recalled_at=line.take_time(held, "recalled_at"),
        metadata=_metadata(line, line.take(held, "metadata", dict)),
    )
    vector = _vector(line, line.take(held, "vector", list), header) if header.vectors else None
    events = tuple(_event(line, each, memory_id) for each in line.take(held, "history", list)[: _MOST_EVENTS + 1])
    if len(events) > _MOST_EVENTS:
        line.refuse(f"'history' has more than {_MOST_EVENTS:,} events")
    return Incoming(line=line.number, row=row, vector=vector, history=events)


def takes_name(name: str) -> bool:
    """Tell whether metadata of that name is imported."""
    return bool(_NAME.fullmatch(name)) and not name.startswith(("chroma:", "showcase_")) and name not in stored.OF_MEM0


def _metadata(line: _Line, held: dict[str, Any]) -> dict[str, Any]:
    if len(held) > _MOST_BESIDE:
        line.refuse(f"'metadata' has more than {_MOST_BESIDE} names")
    for name, value in held.items():
        if not takes_name(name):
            line.refuse(f"'metadata' has the name {name[:80]!r}, which is not one for it")
        if not isinstance(value, (str, bool, int, float)):
            line.refuse(f"{name!r} in 'metadata' is neither a text nor a number nor true or false")
        if isinstance(value, str):
            _check_text(line, name, value)
        elif isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
            line.refuse(f"{name!r} in 'metadata' does not fit into 64 bits")
    return held


def _vector(line: _Line, numbers: list[Any], header: Header) -> array[float]:
    if not all(type(each) in (float, int) for each in numbers):
        line.refuse("'vector' holds what is no number")
    if len(numbers) != header.dimensions:
        line.refuse(f"'vector' has {len(numbers)} numbers, and the header says {header.dimensions}")
    length = math.hypot(*numbers)
    if abs(length - 1) > UNIT_NORM_TOLERANCE:
        line.refuse(f"'vector' has length {length:.3g} instead of 1: no cosine can be told")
    return array("f", numbers)


def _event(line: _Line, held: Any, memory_id: str) -> HistoryEvent:  # noqa: ANN401 - whatever stands there
    if not isinstance(held, dict):
        line.refuse("'history' holds what is no event")
    line.check_names(_EVENT, held, what="an event of the history")
    texts = {name: line.take(held, name, str, None) for name in ("old_memory", "new_memory", "actor_id", "role")}
    for name, text in texts.items():
        if text is not None:
            _check_text(line, name, text)
    event, event_id = line.take(held, "event", str), line.take(held, "id", str)
    if line.take(held, "memory_id", str) != memory_id or not _ID.fullmatch(event_id):
        line.refuse("an event of the history is of another memory, or its id is none")
    if event not in _EVENTS:
        line.refuse(f"an event of the history is neither {', '.join(_EVENTS[:-1])} nor {_EVENTS[-1]}")
    return HistoryEvent(
        id=event_id,
        memory_id=memory_id,
        event=event,
        created_at=line.take_time(held, "created_at"),
        updated_at=line.take_time(held, "updated_at"),
        is_deleted=int(bool(line.take(held, "is_deleted", int))),
        **texts,
    )


def _check_text(line: _Line, name: str, text: str) -> None:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        line.refuse(f"{name!r} holds what is no text")


_CALLED: dict[type, str] = {
    str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object",
}  # fmt: skip
_REMEDY = "nothing was written; mend it, or make the file anew: showcase memories export memories.jsonl"
