"""The short drill that a run holds: what it says of each leak, and what follows from that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import twice
from showcase.claims.consistency.reports import WITNESSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import LeakTrial, Run

RESULTS = frozenset({"caught", "missed", "unavailable", "prevented"})
_CAUGHT = frozenset({"caught", "prevented"})


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    if twice(trial.id for trial in run.drill) is not None or not all(trial.id for trial in run.drill):
        yield "the drill holds a leak twice, or one without a name"
    for trial in run.drill:
        yield from _trial(trial)


def _trial(trial: LeakTrial) -> Iterator[str]:
    what = f"the leak {trial.id} of the drill"
    if set(trial.results) != set(WITNESSES) or set(trial.expected) != set(WITNESSES):
        yield f"{what} was not planted for every witness"
        return
    if not {*trial.results.values(), *trial.expected.values()} <= RESULTS:
        yield f"{what} came to what no leak comes to"
    if trial.obstacle is not None and (not trial.obstacle or set(trial.results.values()) != {"unavailable"}):
        yield f"{what} was not planted, and somebody saw it"
    worse = tuple(name for name, result in trial.results.items() if _is_worse(result, trial.expected[name]))
    # One that broke under witnesses who let everything through is worse for all.
    if trial.worse not in (worse, tuple(trial.results)):
        yield f"{what} was as documented or worse: the log says both"


def _is_worse(result: str, expected: str) -> bool:
    return (result == "missed" and expected in _CAUGHT) or (result == "caught" and expected == "prevented")
