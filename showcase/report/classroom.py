"""A classroom's logs on one page: who got which verdict, and where it differs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from showcase.evidence import Run, Verdict
from showcase.report import claims_view
from showcase.report.environment import render_page
from showcase.report.labs_view import LabsView, labs_headline, labs_view
from showcase.report.text import counted, seconds
from showcase.report.titles import title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.evidence.lab import LabRecord

_DEPARTS = "not what the log gives"
_STATUSES = ("broken", _DEPARTS, "inconclusive", "upheld", "not judged")


@dataclass(frozen=True, slots=True)
class Cell:
    """One claim of one participant; None where the log has no verdict on it.

    `departs`: the stored verdict does not follow from the log. `odd`: unlike most others.
    """

    heading: str
    verdict: Verdict | None
    departs: bool
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

    headline: claims_view.Headline
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    noted: tuple[Row, ...]
    unreadable: tuple[tuple[str, str], ...]
    left_out: str
    labs: LabsView | None


def render_class(
    runs: Sequence[tuple[str, Run]],
    *,
    records: Sequence[tuple[str, LabRecord]] = (),
    unreadable: Sequence[tuple[str, str]] = (),
    left_out: str = "",
    redacted: bool = False,
) -> str:
    """Return one page over many runs.

    Args:
        runs: Name of each participant's log, and the run.
        records: Name of each participant of labs, and what their machine says of them.
        unreadable: Name of each file that is no readable log, and why.
        left_out: Which files were not read for their names, as a sentence without its full stop.
        redacted: Whether the runs went through `redact`.
    """
    runs = [(name, claims_view.of_now(run)) for name, run in runs]
    logs = [_Log(name, run, frozenset(claims_view.departing(run))) for name, run in runs]
    ids = tuple(dict.fromkeys(verdict.id for _, run in runs for verdict in run.claims))
    usual = {claim: _usual(claim, logs) for claim in ids}
    rows = tuple(_row(log, usual) for log in logs)
    page = Classroom(
        headline=_headline(rows, len(unreadable)) if rows or not records else labs_headline(records, len(unreadable)),
        columns=tuple(_column(claim, logs) for claim in ids),
        rows=rows,
        noted=tuple(row for row in rows if row.status != "upheld" or _differs(row)),
        unreadable=tuple(unreadable),
        left_out=left_out,
        labs=labs_view(records, redacted=redacted) if records else None,
    )
    return render_page("classroom.html.j2", page=page, redacted=redacted)


def _headline(rows: Sequence[Row], unreadable: int) -> claims_view.Headline:
    """Return status and sentence, of one and the same thing: the worst that is to be said of any log."""
    total = len(rows) + unreadable
    if not rows:
        unread = f"{counted(unreadable, 'file')} could not be read." if unreadable else "There was none."
        return claims_view.Headline("inconclusive", "No run log could be read.", unread)
    counts = Counter(row.status for row in rows)
    differing = sum(map(_differs, rows))
    rest = (
        [f"{counted(differing, 'log')} {'differs' if differing == 1 else 'differ'} from the rest."] if differing else []
    )
    if counts["upheld"] == total:
        sentence = f"{counted(total, 'log')}: every claim is upheld in {'all of them' if total > 1 else 'it'}."
        return claims_view.Headline("upheld", sentence, " ".join(rest) or "No log differs from the rest.")
    troubles = (
        ("broken", counts["broken"], "holds a broken claim", "hold a broken claim"),
        ("inconclusive", counts["inconclusive"], "leaves a claim undecided", "leave a claim undecided"),
        ("inconclusive", unreadable, "could not be read", "could not be read"),
    )
    there = [(status, number, one if number == 1 else more) for status, number, one, more in troubles if number]
    (status, number, what), others = there[0], there[1:]
    edited = sum(bool(row.departures) for row in rows)
    upheld = counts["upheld"]
    detail = [
        *(f"{number:,} {what}." for _, number, what in others),
        *(
            [f"{edited:,} {'does' if edited == 1 else 'do'} not give {'its' if edited == 1 else 'their'} own verdicts."]
            if edited
            else []
        ),
        f"Every claim is upheld in {f'{upheld:,} of {total:,}' if upheld else 'none'}.",
        *rest,
    ]
    return claims_view.Headline(status, f"{number:,} of {counted(total, 'log')} {what}.", " ".join(detail))


def _differs(row: Row) -> bool:
    return bool(row.departures) or any(cell.odd for cell in row.cells)


class _Log(NamedTuple):
    """A participant's log, with the claims whose stored verdict does not follow from it."""

    name: str
    run: Run
    departing: frozenset[str]

    def verdict(self, claim: str) -> Verdict | None:
        return next((verdict for verdict in self.run.claims if verdict.id == claim), None)

    def status(self, claim: str) -> str:
        verdict = self.verdict(claim)
        return _DEPARTS if claim in self.departing else "not judged" if verdict is None else verdict.status


def _usual(claim: str, logs: Sequence[_Log]) -> str:
    """Return the status that most logs have for a claim; of two that are equally many the better one."""
    counts = Counter(log.status(claim) for log in logs)
    better: tuple[str, ...] = ("upheld", "inconclusive", _DEPARTS, "broken", "not judged")
    return max(better, key=lambda status: counts[status])


def _row(log: _Log, usual: dict[str, str]) -> Row:
    return Row(
        name=log.name,
        status=claims_view.headline(log.run).status,
        engine=claims_view.engine_kind(log.run),
        took=seconds(log.run.duration_s),
        departures=claims_view.departures(log.run),
        cells=tuple(
            Cell(
                heading=_told(claim, log),
                verdict=log.verdict(claim),
                departs=claim in log.departing,
                odd=log.status(claim) != usual[claim],
            )
            for claim in usual
        ),
    )


def _told(claim: str, log: _Log) -> str:
    """Return what a claim is called beside one log's verdict; the question where none is given or to be believed."""
    verdict = log.verdict(claim)
    return (
        title(claim, "inconclusive")
        if verdict is None or claim in log.departing
        else claims_view.named(verdict, log.run)
    )


def _column(claim: str, logs: Sequence[_Log]) -> Column:
    counts = Counter(log.status(claim) for log in logs)
    parts, x = [], 0.0
    for status in _STATUSES:
        width = round(100 * counts[status] / len(logs), 3)
        if counts[status]:
            parts.append(Part(status=status, count=counts[status], x=round(x, 3), width=width))
        x += width
    return Column(heading=title(claim, "inconclusive"), parts=tuple(parts))
