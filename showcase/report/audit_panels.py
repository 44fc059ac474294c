"""What convinces of an audit, on one screen: what ran, whom it tried to reach, and who watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.destinations import names_of_the_sink, stands_for
from showcase.claims.reading import told_s
from showcase.claims.told import told
from showcase.claims.witnessing import strength
from showcase.report.network_view import DESERVE_A_LOOK, MEANINGS, where
from showcase.report.tried import findings

if TYPE_CHECKING:
    from showcase.claims.policy import Disposition
    from showcase.evidence import Attempt, Run

_ROWS = 6


@dataclass(frozen=True, slots=True)
class Reached:
    """One destination, or another thing that deserves a look."""

    disposition: str
    sign: str
    rule: str
    where: str
    by: str
    first_s: float
    outcome: str


@dataclass(frozen=True, slots=True)
class AuditPanels:
    """What is shown of an audit: `harmless` counts what is allowed, or stayed between the watched processes."""

    reached: tuple[Reached, ...]
    left_off: int
    harmless: int
    watched_by: tuple[str, ...]


def audit_panels(run: Run) -> AuditPanels | None:
    """Return the panels of an audit, None for a run of the sessions."""
    if run.command is None:
        return None
    judged = told(run)
    open_rows = [(row, how) for row, how in judged if how.kind in DESERVE_A_LOOK and how.kind != "finding"]
    rows = [*findings(run), *open_rows]
    names = names_of_the_sink(run)
    return AuditPanels(
        reached=tuple(_reached(row, how, run, stands_for(row, names)) for row, how in rows[:_ROWS]),
        left_off=max(0, len(rows) - _ROWS),
        harmless=len(judged) - len(rows),
        watched_by=strength(run).carried_by,
    )


def _reached(row: Attempt, how: Disposition, run: Run, whom: str | None) -> Reached:
    return Reached(
        disposition=how.kind,
        sign=MEANINGS[how.kind][0],
        rule=how.rule,
        where=row.name if row.kind == "lookup" and row.name else where(row, whom),
        by=row.process or row.role,
        first_s=told_s(run, row.first_seen_s),
        outcome=row.outcome or "",
    )
