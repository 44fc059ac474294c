"""The rows that are there beside what the log says of them: other programs write to a store, and note nothing here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.evidence.fact import Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from showcase.memory.operations.line import Line
    from showcase.memory.operations.names import Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared(Fact):
    """What a comparison came to.

    Attributes:
        rows: How many there are.
        not_logged: Ids of rows that no line says were added.
        gone: How many memories the log says are there, and no row is.
        undecided: How many others belong to operations of which no good end is noted.
        part: Whether the engine shows this login some rows alone, so that what is not seen may be there.
    """

    rows: int
    not_logged: tuple[str, ...]
    gone: int
    undecided: int
    part: bool = False


def compare(lines: Iterable[Line], names: Names, ids: Sequence[str]) -> Compared | None:
    """Compare; None where a key was lost, so that old lines tell nothing of which rows they are about."""
    there: set[str] = set()
    begun: dict[int, Line] = {}
    unsure: set[str] = set()
    for line in lines:
        if line.event == "KEY":
            return None
        ordered = begun.pop(line.operation, None) if line.step in ("done", "failed") else None
        if line.step == "begun":
            begun[line.number] = line
        elif line.step == "failed":
            unsure |= set(ordered.memories if ordered is not None else ())
        elif line.event in ("ADD", "IMPORT", "THERE"):
            there |= set(line.memories)
            unsure -= set(line.memories)
        elif line.event in ("DELETE", "ERASE"):
            # What is erased, the first line names alone: its key is gone with it.
            gone = set(line.memories) | set(ordered.memories if ordered is not None else ())
            there -= gone
            unsure -= gone
    unsure |= {each for line in begun.values() for each in line.memories}
    rows = {each: names.all_of("memory", each) for each in ids}
    known = {each for some in rows.values() for each in some}
    not_logged = tuple(each for each, some in rows.items() if not some & (there | unsure))
    return Compared(
        rows=len(rows), not_logged=not_logged, gone=len(there - known - unsure), undecided=len(unsure - there)
    )
