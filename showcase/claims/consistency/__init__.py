"""Whether a log can be that of a run or an audit at all: no part of it may say what another part rules out.

One file holds one kind of contradiction. Each yields sentences, and the first one is the reason of every verdict that
rests on it and would have been `upheld`. What is missing is no contradiction, and what a log cannot show is none
either: whoever changes every place that tells of a fact is not found out here (see `showcase verify`, which says so).

Bounds are those of the machine, not of good taste: an honest log must never be accused. So stamps of the time of day
are not held against each other or against the run's own clock, because somebody may set the clock meanwhile. And what
a memory or a server said of itself, which may be wrong and honestly written down, is held against the claims about it
alone.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from showcase.claims.consistency import (
    command,
    drill,
    engine,
    forgetting,
    frame,
    memories,
    order,
    replies,
    reports,
    rows,
    seers,
    servers,
    sessions,
    states,
    store,
    tallies,
)
from showcase.claims.consistency.order import CONTROLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from showcase.evidence import Run

    Kind = Callable[[Run], Iterator[str]]

__all__ = ["CONTROLS", "KINDS", "KINDS_OF", "contradiction", "contradiction_of", "disorder"]

KINDS: tuple[Kind, ...] = (
    order.contradictions,
    frame.contradictions,
    command.contradictions,
    reports.contradictions,
    tallies.contradictions,
    rows.contradictions,
    seers.contradictions,
    sessions.contradictions,
    servers.contradictions,
    store.contradictions,
    drill.contradictions,
)
"""What every claim rests on, in this order. A new kind is a new file and a line here or below."""

KINDS_OF: dict[str, tuple[Kind, ...]] = {
    "persistence": (memories.contradictions, states.contradictions),
    "isolation": (memories.contradictions, states.contradictions, replies.contradictions),
    "context": (replies.contradictions, engine.contradictions),
    "engine-local": (engine.contradictions,),
    "daemon": (engine.contradictions,),
    "erasure": (forgetting.contradictions, memories.contradictions, states.contradictions),
}
"""What a claim rests on beside that."""


def contradiction(run: Run) -> str | None:
    """Return what in the log cannot be so, whatever is claimed of it; None where nothing is."""
    return next(chain.from_iterable(kind(run) for kind in KINDS), None)


def contradiction_of(run: Run, claim: str) -> str | None:
    """Return what cannot be so of what a claim rests on by itself, None where nothing is."""
    return next(chain.from_iterable(kind(run) for kind in KINDS_OF.get(claim, ())), None)


def disorder(run: Run) -> str | None:
    """Return who is in the log that no run has, or did something before its time; None where nobody did."""
    return next(order.contradictions(run), None)
