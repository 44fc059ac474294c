"""Who is in the log of a run, and in which order things happened."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Run, Session

CONTROLS = ("empty-store", "unfiltered-read")
"""Scenes of the controls that a whole run has, one each."""

_ALWAYS, _WITH_FORGETTING = range(1, 4), range(1, 6)


def numbers_of(run: Run) -> range:
    """Return the numbers of the sessions that a whole run of its options has."""
    return _ALWAYS if run.options.forget is None else _WITH_FORGETTING


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    for look in (_strangers, _phases, _moments, _order, _listed):
        found = look(run)
        if found is not None:
            yield found


def _strangers(run: Run) -> str | None:
    for item in run.sessions:
        if item.number not in numbers_of(run):
            return f"the log holds session {item.number}, which no run has"
    for item in run.controls:
        if item.scene not in CONTROLS:
            return f"the log holds a control {item.scene!r}, which no run has"
    played = [item.scene for item in run.controls]
    twice = next((scene for scene in played if played.count(scene) > 1), None)
    return f"the log holds control {twice} twice" if twice else None


def _phases(run: Run) -> str | None:
    """Return what is wrong with the list of phases: it says which orchestrator each session had."""
    if not run.phases:
        return None
    numbers = [phase.session for phase in run.phases]
    if numbers != sorted(set(numbers)) or not {item.number for item in run.sessions} <= set(numbers):
        return "the list of phases does not fit the sessions"
    if run.phases[-1].orchestrator_pid != run.orchestrator_pid:
        return "the last phase names another orchestrator than the log"
    return None


def _moments(run: Run) -> str | None:
    for item in (*run.sessions, *run.controls):
        ended = () if item.ended_s is None else (item.ended_s, run.duration_s)
        moments = [0.0, item.started_s, *(phase.at_s for phase in item.phases), *ended]
        # Asked this way round, so that a moment that is no number is out of order too.
        if not all(earlier <= later for earlier, later in pairwise(moments)):
            return f"the moments of {_name(item)} are not in the order of time"
    return None


def _order(run: Run) -> str | None:
    ordered = sorted(run.sessions, key=lambda item: item.number)
    for before, after in pairwise(ordered):
        if not before.started_s <= after.started_s:
            return f"session {after.number} began before session {before.number}"
    first = next((item for item in ordered if item.number == 1), None)
    if first is None:
        return None
    for item in run.controls:
        since = first.started_s if item.scene == "empty-store" or first.ended_s is None else first.ended_s
        if not since <= item.started_s:
            return f"control {item.scene} began before session 1 had {'begun' if since == first.started_s else 'ended'}"
    return None


def _listed(run: Run) -> str | None:
    """Return what is wrong with the lists: they go by number, and each process has the number of its scene."""
    for what, items in (("sessions", run.sessions), ("controls", run.controls)):
        numbers = [item.number for item in items]
        if numbers != sorted(numbers):
            return f"the {what} are not in the order of their numbers"
    for item in run.controls:
        if item.scene in CONTROLS and item.number != CONTROLS.index(item.scene) + 1:
            return f"control {item.scene} has the number {item.number}, which is another's"
    return None


def _name(item: Session) -> str:
    return f"control {item.scene}" if item.scene in CONTROLS else f"session {item.number}"
