"""Whether a witness of a run counts: it looked, caught what was planted for it, and watched from begin to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Command, Run, Session, WitnessReport

COMMAND_ROLE = "command"
"""What the one process of an audit is called in its log."""

ENGINE_ROLE = "engine"
"""What a model server that is a process of the run is called in its log."""

END_S = 5.0
"""How long after a witness saw a process end it may be reaped, on a busy machine: what the witness `sockets` takes
for an interruption. Nothing of a session comes after its own last word, which no witness may miss."""

HOLES = ("packets lost", "unexplained", "crossings")
"""Counts of the seal that a complete one has at zero."""

_CATCHES = {"seal": "prevented"}
"""First word of what a control says of a witness that caught the leak; `caught` for those not named here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What has to be watched of a role: from `begin_s` at the latest to `end_s` at least. None: not known."""

    role: str
    begin_s: float | None
    end_s: float | None


def refusal(report: WitnessReport, run: Run) -> str | None:
    """Return why a witness does not count, None where it does."""
    gap = next((found for span in _watched(run) if (found := _gap(report, span)) is not None), None)
    return _unfit(report, run) or gap or _hole(report)


def has_own_engine(run: Run) -> bool:
    """Return whether the model server was a process of the run: one of its own engines, or one that it started."""
    if run.command is not None or run.engine is None:
        return False
    if run.engine.is_own:
        return True
    return run.engine.started and all(phase.engine_started for phase in run.phases)


def watches_engine(report: WitnessReport, run: Run) -> bool:
    """Return whether a witness watched the engine, a process of the run, for as long as anybody used it."""
    daemons = [*run.daemons, *(each for phase in run.phases for each in phase.daemons)]
    if any(daemon.sight == "witnesses" and daemon.unseen for daemon in daemons):
        return False  # it may have been another server that answered
    span = _engine(run)
    return span is not None and _gap(report, span) is None


def _unfit(report: WitnessReport, run: Run) -> str | None:
    if sum(other.name == report.name for other in run.witnesses) > 1:
        return "the log holds more than one report of it"
    if not report.active:
        return report.reason or "it did not look"
    if report.name not in run.options.witnesses:
        return "it was not one of this run's witnesses"
    control = report.control
    word = _CATCHES.get(report.name, "caught")
    if control is None or not control.fired or not all(part.startswith(word) for part in control.detail.split("; ")):
        return "it did not catch the leak that was planted for it"
    failed = [trial.id for trial in run.drill if report.name in trial.worse]
    if failed:
        return f"in the drill it missed what it should catch: {', '.join(failed)}"
    if report.name == "sockets" and report.counts.get("samples", 0) < 1:
        return "it never looked"
    return None


def _hole(report: WitnessReport) -> str | None:
    """Return what a seal counted that a whole one does not have, where its coverage did not say so already."""
    holes = [what for what in HOLES if report.name == "seal" and report.counts.get(what)]
    return f"its counts are not those of a whole seal: {holes[0]}, {report.counts[holes[0]]}" if holes else None


def _gap(report: WitnessReport, span: Span) -> str | None:
    """Return why a witness did not watch the whole of a role, None where it did."""
    found = [item for item in report.coverage if item.role == span.role]
    if len(found) != 1:
        return f"it says {len(found)} times how it watched {span.role}" if found else f"it did not watch {span.role}"
    item = found[0]
    if not item.complete:
        return f"it did not watch all of {span.role}: {item.note or 'incomplete'}"
    bounds = (report.started_s, item.from_s, span.begin_s, span.end_s, item.until_s, report.ended_s)
    if None in bounds:
        return f"from when to when it watched {span.role} is not known"
    started_s, from_s, begin_s, end_s, until_s, ended_s = (bound or 0.0 for bound in bounds)
    if not (started_s <= from_s <= begin_s and from_s < until_s and end_s <= until_s <= ended_s):
        return f"it did not watch {span.role} from begin to end"
    return None


def _watched(run: Run) -> Iterator[Span]:
    """Yield what has to be watched for a claim about the whole run."""
    if run.command is not None:
        yield _command(run.command)
        return
    for item in run.sessions:
        yield _process(f"session {item.number}", item)
    for item in run.controls:
        yield _process(f"control {item.scene}", item)


def _command(command: Command) -> Span:
    """Return the span of a command, which is known by name only once its supervisor has launched it."""
    if command.ended_s is None:
        return Span(role=COMMAND_ROLE, begin_s=None, end_s=None)
    end_s = max(command.started_s, command.ended_s - END_S)
    return Span(role=COMMAND_ROLE, begin_s=min(command.started_s + END_S, command.ended_s), end_s=end_s)


def _process(role: str, item: Session) -> Span:
    """Return the span of a worker: from before its first import to its last word, and about to when it was reaped."""
    imported = next((phase.at_s for phase in item.phases if phase.name == "imported"), None)
    if item.ended_s is None:
        return Span(role=role, begin_s=imported, end_s=None)
    return Span(role=role, begin_s=imported, end_s=max(item.ended_s - END_S, *(phase.at_s for phase in item.phases), 0))


def _engine(run: Run) -> Span | None:
    """Return the span in which the engine was used, None where no engine was a process of the run.

    In a log of phases each phase had one of its own; the coverage is that of the last.
    """
    if not has_own_engine(run):
        return None
    since = max((item.started_s for item in run.sessions), default=0.0) if run.phases else 0.0
    users = [item for item in (*run.sessions, *run.controls) if item.started_s >= since]
    opened = [phase.at_s for item in users for phase in item.phases if phase.name == "opened"]
    last = [phase.at_s for item in users for phase in item.phases]
    own = [each for each in run.daemons if each.sight == "witnesses"]
    opened += [each.from_s for each in own]
    last += [each.until_s for each in own]
    return Span(role=ENGINE_ROLE, begin_s=min(opened, default=None), end_s=max(last, default=None))
