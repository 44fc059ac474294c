"""A benchmark's result as one page: figures with their intervals, plots, and what they cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.bench.results import wording
from showcase.report.environment import render_page
from showcase.report.plots import SHAPES, drawing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.bench.results.result import Result, Row, Table

_ROWS = 1_000
_COLUMNS = 30
_SECTIONS = 60
"""A page of more is none that a browser scrolls; what is left out is counted."""


def render_result(result: Result) -> str:
    """Return what a benchmark says as one HTML document that refers to nothing outside itself."""
    used = result.engine
    told = () if used is None else (used.chat_model, used.embed_model)
    return render_page(
        "bench.html.j2",
        result=result,
        say=wording,
        drawn=drawing,
        grouped=_grouped,
        digests=[(each.name, each.digest) for each in told if each is not None and each.digest is not None],
        shapes=range(1, SHAPES + 1),
        most_columns=_COLUMNS,
        most_rows=_ROWS,
        most_sections=_SECTIONS,
    )


def _grouped(table: Table) -> Iterator[tuple[str, list[Row]]]:
    """Yield the rows of each group that stand together, under its name."""
    group: str | None = None
    rows: list[Row] = []
    for row in table.rows[:_ROWS]:
        if row.group != group and rows:
            yield group or "", rows
            rows = []
        group = row.group
        rows.append(row)
    if rows:
        yield group or "", rows
