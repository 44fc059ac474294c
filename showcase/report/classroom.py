"""A classroom's logs on one page: who got which verdict, and where it differs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.evidence import Run, Verdict
from showcase.report import claims_view
from showcase.report.environment import render_page
from showcase.report.text import counted, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORST_FIRST = ("broken", "inconclusive", "upheld")


@dataclass(frozen=True, slots=True)
class Cell:
    """One claim of one participant; None where the log has no verdict on it. `odd`: unlike most others."""

    heading: str
    verdict: Verdict | None
    odd: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One participant's log."""

    name: str
    status: str
    engine: str
    took: str
    departures: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Participants with one status: how many, and place and width in percent of all."""

    status: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Column:
    """One claim over all participants."""

    heading: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Classroom:
    """The page."""

    sentence: str
    status: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    odd: tuple[Row, ...]
    unreadable: tuple[tuple[str, str], ...]


def render_class(
    runs: Sequence[tuple[str, Run]], *, unreadable: Sequence[tuple[str, str]] = (), redacted: bool = False
) -> str:
    """Return one page over many runs.

    Args:
        runs: Name of each participant's log, and the run.
        unreadable: Name of each file that is no readable log, and why.
        redacted: Whether the runs went through `redact`.
    """
    ids = tuple(dict.fromkeys(verdict.id for _, run in runs for verdict in run.claims))
    usual = {claim: _usual(claim, runs) for claim in ids}
    rows = tuple(_row(name, run, usual) for name, run in runs)
    worst = {row.status for row in rows} | ({"inconclusive"} if unreadable or not rows else set())
    page = Classroom(
        status=next(status for status in _WORST_FIRST if status in worst),
        sentence=_sentence(rows),
        columns=tuple(_column(claim, runs) for claim in ids),
        rows=rows,
        odd=tuple(row for row in rows if row.departures or any(cell.odd for cell in row.cells)),
        unreadable=tuple(unreadable),
    )
    return render_page("classroom.html.j2", page=page, redacted=redacted)


def _sentence(rows: Sequence[Row]) -> str:
    if not rows:
        return "No run log could be read."
    whole = sum(row.status == "upheld" for row in rows)
    if whole == len(rows):
        return f"{counted(whole, 'log')}: every claim is upheld in {'all of them' if whole > 1 else 'it'}."
    return f"Every claim is upheld in {whole:,} of {counted(len(rows), 'log')}."


def _verdict(claim: str, run: Run) -> Verdict | None:
    return next((verdict for verdict in run.claims if verdict.id == claim), None)


def _status(verdict: Verdict | None) -> str:
    return "not judged" if verdict is None else verdict.status


def _usual(claim: str, runs: Sequence[tuple[str, Run]]) -> str:
    """Return the status that most logs have for a claim."""
    return Counter(_status(_verdict(claim, run)) for _, run in runs).most_common(1)[0][0]


def _row(name: str, run: Run, usual: dict[str, str]) -> Row:
    verdicts = [_verdict(claim, run) for claim in usual]
    return Row(
        name=name,
        status=claims_view.headline(run).status,
        engine=claims_view.engine_kind(run),
        took=seconds(run.duration_s),
        departures=claims_view.departures(run),
        cells=tuple(
            Cell(heading=claims_view.heading(claim), verdict=verdict, odd=_status(verdict) != usual[claim])
            for claim, verdict in zip(usual, verdicts, strict=True)
        ),
    )


def _column(claim: str, runs: Sequence[tuple[str, Run]]) -> Column:
    counts = Counter(_status(_verdict(claim, run)) for _, run in runs)
    parts, x = [], 0.0
    for status in (*_WORST_FIRST, "not judged"):
        width = round(100 * counts[status] / len(runs), 3)
        if counts[status]:
            parts.append(Part(status=status, count=counts[status], x=round(x, 3), width=width))
        x += width
    return Column(heading=claims_view.heading(claim), parts=tuple(parts))
