"""Whether a log can be that of a run or an audit at all: no part of it may say what another part rules out.

One file holds one kind of contradiction. Each yields sentences, and the first one is the reason of every verdict that
would have been `upheld`. What is missing is no contradiction, and what a log cannot show is none either: whoever
changes every place that tells of a fact is not found out here (see `showcase verify`, which says so).

Bounds are those of the machine, not of good taste: an honest log must never be accused. So stamps of the time of day
are not held against each other or against the run's own clock, because somebody may set the clock meanwhile.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from showcase.claims.consistency import command, drill, frame, order, reports, rows, seers, servers, sessions, tallies
from showcase.claims.consistency.order import CONTROLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from showcase.evidence import Run

__all__ = ["CONTROLS", "KINDS", "contradiction"]

KINDS: tuple[Callable[[Run], Iterator[str]], ...] = (
    order.contradictions,
    frame.contradictions,
    command.contradictions,
    reports.contradictions,
    tallies.contradictions,
    rows.contradictions,
    seers.contradictions,
    sessions.contradictions,
    servers.contradictions,
    drill.contradictions,
)
"""What is looked for, in this order. A new kind is a new file and a line here."""


def contradiction(run: Run) -> str | None:
    """Return what in the log cannot be so, None where nothing is. What is missing is no contradiction."""
    return next(chain.from_iterable(kind(run) for kind in KINDS), None)
