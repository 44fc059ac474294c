"""The drill: leaks that were planted beside the sessions, and what each witness made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.report.text import clipped, counted, listed

if TYPE_CHECKING:
    from showcase.evidence import LeakTrial, Run

SIGNS = {"caught": "●", "prevented": "■", "missed": "○", "unavailable": "∅"}
_SHOWN = 200
_HELD = ("caught", "prevented")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one witness made of one leak. `note` says where that is not what is documented."""

    witness: str
    result: str
    sign: str
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class LeakRow:
    """One leak under every witness."""

    id: str
    description: str
    obstacle: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Drill:
    """The matrix; `worse` is empty where every witness did as documented, `left_off` rows are in the log alone."""

    witnesses: tuple[str, ...]
    rows: tuple[LeakRow, ...]
    left_off: int
    summary: str
    worse: str


def drill(run: Run) -> Drill | None:
    """Return the matrix of a run's drill, None where none was held."""
    if not run.drill:
        return None
    witnesses = tuple(dict.fromkeys(name for trial in run.drill for name in trial.results))
    worse = [f"{clipped(name, 80)} on {clipped(trial.id, 80)}" for trial in run.drill for name in trial.worse]
    return Drill(
        witnesses=witnesses,
        rows=tuple(_row(trial, witnesses) for trial in run.drill[:_SHOWN]),
        left_off=max(0, len(run.drill) - _SHOWN),
        summary=_summary(run.drill),
        worse=clipped(listed(worse), 2_000),
    )


def _row(trial: LeakTrial, witnesses: tuple[str, ...]) -> LeakRow:
    return LeakRow(
        id=trial.id,
        description=trial.description,
        obstacle=trial.obstacle or "",
        cells=tuple(_cell(trial, name) for name in witnesses),
    )


def _cell(trial: LeakTrial, witness: str) -> Cell:
    result = trial.results.get(witness, "not recorded")
    expected = trial.expected.get(witness)
    worse = witness in trial.worse
    if worse and expected in (None, result):
        note = "worse than documented: it did not get where it should"
    elif worse:
        note = f"worse than documented: {expected}"
    elif expected == result:
        note = "as documented" if result == "missed" else ""
    else:
        note = "" if expected is None else f"documented: {expected}"
    kind = "worse" if worse else result if result in SIGNS else "unavailable"
    return Cell(witness=witness, result=result, sign="▲" if worse else SIGNS.get(result, "?"), kind=kind, note=note)


def _summary(trials: tuple[LeakTrial, ...]) -> str:
    """Return how many leaks went unseen, which matters more than how often they were seen."""
    planted = [trial for trial in trials if any(result != "unavailable" for result in trial.results.values())]
    unseen = [trial.id for trial in planted if not any(result in _HELD for result in trial.results.values())]
    if not planted:
        return f"None of {counted(len(trials), 'leak')} could be planted."
    share = "" if len(planted) == len(trials) else f"{len(planted)} of "
    some = f"{share}{counted(len(trials), 'leak')} {'was' if len(trials) == 1 else 'were'} planted"
    if unseen:
        return f"{some}; no witness saw {clipped(listed(unseen), 400)}."
    return f"{some}; at least one witness caught or prevented each."
