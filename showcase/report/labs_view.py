"""Who is where in a workshop: the labs of each participant, by what their own machine says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.report import claims_view
from showcase.report.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.evidence.lab import LabProgress, LabRecord, LabStatus

STATUSES: tuple[LabStatus, ...] = ("verified", "started", "not started")

SIGN_OF = {"verified": "upheld", "started": "inconclusive", "not started": "not judged"}
"""What a status is drawn like."""


@dataclass(frozen=True, slots=True)
class LabShare:
    """How many are at a status in a lab, with place and width in percent of all."""

    status: str
    like: str
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class LabColumn:
    """One lab over all participants; `surprised` of those who verified it had predicted something else."""

    number: int
    title: str
    shares: tuple[LabShare, ...]
    surprised: int


@dataclass(frozen=True, slots=True)
class LabCell:
    """One lab of one participant; `notes` are what a teacher looks for: hints, the solution, a recorded run."""

    status: str
    like: str
    met: str
    notes: str


@dataclass(frozen=True, slots=True)
class LabRow:
    """One participant; `stuck` are the labs that were looked at and are not verified, with what was seen there."""

    name: str
    checked_in: str
    verified: int
    cells: tuple[LabCell, ...]
    stuck: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LabsView:
    """All participants, who are least far first."""

    columns: tuple[LabColumn, ...]
    rows: tuple[LabRow, ...]


def labs_view(records: Sequence[tuple[str, LabRecord]], *, redacted: bool) -> LabsView:
    """Return who is where.

    Args:
        records: Name of each participant, and their record.
        redacted: Whether what a check saw, and the line of a check-in, are left out: they may hold names.
    """
    titles = {lab.number: lab.title for _, record in records for lab in record.labs}
    numbers = sorted(titles)
    rows = [_row(name, record, numbers, redacted=redacted) for name, record in records]
    return LabsView(
        columns=tuple(_column(number, titles[number], records) for number in numbers),
        rows=tuple(sorted(rows, key=lambda row: (row.verified, row.name))),
    )


def labs_headline(records: Sequence[tuple[str, LabRecord]], unreadable: int) -> claims_view.Headline:
    """Return what a page of labs alone says first; it is never more than what participants say of themselves."""
    total = len(records)
    started = [lab for _, record in records for lab in record.labs if lab.status != "not started"]
    verified = sum(lab.status == "verified" for lab in started)
    unread = f"{counted(unreadable, 'file')} could not be read. " if unreadable else ""
    sentence = f"{counted(total, 'participant')}: {verified:,} of {counted(len(started), 'lab')} started are verified."
    complete = bool(started) and verified == len(started) and not unreadable
    detail = f"{unread}Self-reported: each machine says it of itself."
    return claims_view.Headline("upheld" if complete else "inconclusive", sentence, detail)


def _column(number: int, title: str, records: Sequence[tuple[str, LabRecord]]) -> LabColumn:
    found = [_lab(record, number) for _, record in records]
    counts = Counter("not started" if lab is None else lab.status for lab in found)
    shares, x = [], 0.0
    for status in STATUSES:
        width = round(100 * counts[status] / len(found), 3)
        if counts[status]:
            shares.append(
                LabShare(status=status, like=SIGN_OF[status], count=counts[status], x=round(x, 3), width=width)
            )
        x += width
    return LabColumn(
        number=number,
        title=title,
        shares=tuple(shares),
        surprised=sum(lab is not None and lab.predicted is False for lab in found),
    )


def _lab(record: LabRecord, number: int) -> LabProgress | None:
    return next((lab for lab in record.labs if lab.number == number), None)


def _row(name: str, record: LabRecord, numbers: Sequence[int], *, redacted: bool) -> LabRow:
    cells = tuple(_cell(_lab(record, number)) for number in numbers)
    stuck = [lab for lab in record.labs if lab.status == "started" and lab.unmet is not None]
    return LabRow(
        name=name,
        checked_in="" if redacted else record.checked_in or "",
        verified=sum(cell.status == "verified" for cell in cells),
        cells=cells,
        stuck=tuple((f"Lab {lab.number}", "withheld" if redacted else lab.unmet or "") for lab in stuck),
    )


def _cell(lab: LabProgress | None) -> LabCell:
    status = "not started" if lab is None else lab.status
    notes: list[str] = []
    if lab is not None:
        notes += [counted(lab.hints, "hint")] if lab.hints else []
        notes += ["solution seen"] if lab.solution_seen else []
        notes += ["recorded run"] if lab.recorded else []
        notes += ["predicted otherwise"] if lab.predicted is False else []
    return LabCell(
        status=status,
        like=SIGN_OF[status],
        met=f"{lab.met} of {lab.checks}" if lab is not None and status == "started" else "",
        notes=", ".join(notes),
    )
