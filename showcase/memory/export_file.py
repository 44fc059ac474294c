"""The form in which memories leave a store and come back: JSON lines, a header first, nothing left out.

A line is one object in UTF-8. The header counts the rows, so that a file that was cut off is known for one.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from showcase.errors import StoreError
from showcase.evidence.fact import Fact
from showcase.memory import history
from showcase.memory.store_record import Layout
from showcase.memory.stored import now
from showcase.shell.advice import printable, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.memory.backends.opening import Kept
    from showcase.memory.history import HistoryEvent
    from showcase.memory.stored import Stored
    from showcase.stores.interface import Rows, Vector

FORMAT = "local-memory-showcase memories"
VERSION = 1
LONGEST_LINE = 16 * 1024 * 1024
"""Bytes of a line: a reader holds one at a time, and a memory of a megabyte with a vector of 8,192 numbers is less."""

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Header(Fact):
    """The first line.

    Attributes:
        rows: How many lines follow.
        embed_model: The model that made the vectors, with its digest; None where the store does not say.
        embed_digest: See there.
        dimensions: Numbers of a vector; None where none is there.
        layout: That of the store.
        vectors: Whether each row brings its vector.
        exported_at: ISO 8601, UTC.
    """

    rows: int
    embed_model: str | None
    embed_digest: str | None
    dimensions: int | None
    layout: Layout
    vectors: bool
    exported_at: str


def dump(
    kept: Kept, rows: Rows, *, user_id: str | None, vectors: bool, progress: Callable[[int, int], None]
) -> tuple[Header, bytes]:
    """Return the memories of a user, of everybody where None, with their history, as a document.

    Raises:
        StoreError: A row cannot be written down, or the store cannot be read.
    """
    some = list(rows.rows(user_id))
    lines: list[bytes] = []
    for begin in range(0, len(some), _AT_ONCE):
        piece = some[begin : begin + _AT_ONCE]
        events = history.events(kept.place, [row.memory_id for row in piece])
        beside = _vectors(rows, piece) if vectors else {}
        for row in piece:
            if vectors and row.memory_id not in beside:
                continue  # deleted meanwhile
            lines.append(_line(row, history.last_life(events.get(row.memory_id, ())), beside.get(row.memory_id)))
        progress(min(begin + _AT_ONCE, len(some)), len(some))
    header = Header(
        rows=len(lines),
        embed_model=kept.record.embed_model if kept.record else None,
        embed_digest=kept.record.embed_digest if kept.record else None,
        dimensions=rows.dimensions() if lines else None,
        layout=kept.layout,
        vectors=vectors,
        exported_at=now(),
    )
    first = json.dumps({"format": FORMAT, "version": VERSION, **asdict(header)}, ensure_ascii=False).encode()
    return header, b"\n".join([first, *lines, b""])


def _vectors(rows: Rows, piece: Sequence[Stored]) -> dict[str, Vector]:
    found: dict[str, Vector] = {}
    for user_id in dict.fromkeys(row.user_id for row in piece):
        ids = [row.memory_id for row in piece if row.user_id == user_id]
        found |= rows.vectors(user_id, ids)
    return found


def _line(row: Stored, events: Sequence[HistoryEvent], vector: Vector | None) -> bytes:
    document: dict[str, Any] = {**asdict(row), "history": [asdict(event) for event in events]}
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        if vector is not None:
            if not all(map(math.isfinite, vector)):
                raise ValueError("its vector holds what is no number")  # noqa: TRY301 - one place says which row
            # Nine digits tell any two numbers of single precision apart (IEEE 754-2019, 5.12.2).
            text = f'{text[:-1]}, "vector": [{", ".join(map(_number, vector))}]}}'
        line = text.encode()
    except ValueError as error:
        raise _unfit(row, str(error)) from error
    if len(line) > LONGEST_LINE:
        raise _unfit(row, f"it has {len(line):,} bytes, at most {LONGEST_LINE:,} can be read back")
    return line


def _number(number: float) -> str:
    """Return a number of a vector as JSON that comes back to the last bit: read as -0, a zero would lose its sign."""
    text = format(number, ".9g")
    return "-0.0" if text == "-0" else text


def _unfit(row: Stored, why: str) -> StoreError:
    return StoreError(
        f"the memory {printable(row.memory_id)} cannot be exported: {why}",
        hint=f"look at it: showcase memories show {quoted(row.memory_id)} --user-id {quoted(row.user_id)}",
    )
