"""Memories as lines for a person: nothing that stands in one can steer a terminal, or look like a line of its own."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from showcase.cli.words import SHOWN, one_line, printable
from showcase.memory.stored import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.memory.ranking import Ranked, Selection, Weights
    from showcase.memory.stored import Stored

SHORT_ID = 8
_NARROWEST = 40
_LEAST_TEXT = 16


def table(head: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    """Return rows under their head, the last column cut to what is left of the terminal."""
    columns = len(head) - 1
    widths = [max(cell_len(row[number]) for row in (head, *cells)) for number in range(columns)]
    left = max(_LEAST_TEXT, _width() - sum(widths) - 2 * (columns + 1))
    return [
        "  ".join(
            ["", *(set_cell_size(cell, width) for cell, width in zip(row, widths, strict=False)), _cut(row[-1], left)]
        ).rstrip()
        for row in (head, *cells)
    ]


def listed(rows: Sequence[Stored], *, numbered: bool = True) -> list[str]:
    """Return rows as a table."""
    length = id_length(rows)
    cells = [
        (*((str(number),) if numbered else ()), row.memory_id[:length], when(row.created_at), row.source, marks(row),
         text(row))
        for number, row in enumerate(rows, start=1)
    ]  # fmt: skip
    head = (*(("#",) if numbered else ()), "id", "when", "by", "", "memory")
    notes = []
    if any(row.pinned for row in rows):
        notes.append("  * pinned")
    if any(row.question for row in rows):
        notes.append("  ? only asks: kept, and never given to a model as a fact")
    return [*table(head, cells), *notes]


def ranked(selection: Selection, weights: Weights, *, explain: bool) -> list[str]:
    """Return what a search found, best first, with every part of the ranking where it is to be explained."""
    some = [*selection.used, *([selection.below] if explain and selection.below else [])]
    length = id_length([each.row for each in some])
    head = ["#", *(["score", "relevance", "recency", "importance"] if explain else []), "cosine", "id", "memory"]
    cells = [
        [
            str(each.rank) if each in selection.used else "-",
            *(_parts(each) if explain else []),
            f"{each.cosine:.3f}",
            each.row.memory_id[:length],
            f"{marks(each.row)} {text(each.row)}".strip(),
        ]
        for each in some
    ]
    lines = table(head, cells) if some else []
    if not explain:
        return lines
    sums = " + ".join(
        f"{weight:g} x {name}"
        for name, weight in (
            ("relevance", weights.relevance), ("recency", weights.recency), ("importance", weights.importance),
        )
        if weight
    )  # fmt: skip
    total = weights.relevance + weights.recency + weights.importance
    lines.append(f"  score = ({sums}) / {total:g}; recency halves in {weights.half_life_days:g} days")
    lines.append(f"  threshold: cosine {selection.threshold:g}; looked at: {selection.considered}")
    if selection.below is not None:
        why = "below the threshold" if selection.why_below == "threshold" else "behind the last that --top-k lets in"
        lines.append(f"  - is {why}")
    return lines


def marks(row: Stored) -> str:
    """Return a star for what is pinned, a question mark for what only asks."""
    return ("*" if row.pinned else "") + ("?" if row.question else "")


def text(row: Stored) -> str:
    """Return a memory on one line, cut to what a terminal shows."""
    return one_line(row.text, SHOWN)


def whole(row: Stored) -> list[str]:
    """Return all of a memory, each of its lines behind a mark, so that none looks like one of ours."""
    return [f"  | {printable(line)}" for line in row.text.splitlines() or [""]]


def when(time: str | None) -> str:
    """Return a time to the minute, in UTC."""
    found = moment(time)
    return "-" if found is None else f"{found:%Y-%m-%d %H:%M}"


def id_length(rows: Sequence[Stored]) -> int:
    """Return how much of an id tells these rows apart, 8 characters at least."""
    longest = max((len(row.memory_id) for row in rows), default=SHORT_ID)
    lengths = range(SHORT_ID, longest)
    return next((some for some in lengths if len({row.memory_id[:some] for row in rows}) == len(rows)), longest)


def _parts(each: Ranked) -> list[str]:
    return [f"{part:.3f}" for part in (each.score, each.relevance, each.recency, each.importance)]


def _cut(cell: str, cells: int) -> str:
    return cell if cell_len(cell) <= cells else f"{set_cell_size(cell, cells - 1).rstrip()}…"


def _width() -> int:
    """Return the columns of the terminal; where nobody looks at one, what is shown of a memory has room."""
    try:
        columns = os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else 0
    except (OSError, ValueError):
        columns = 0
    return max(_NARROWEST, columns) if columns else SHOWN + 100
