"""How much the witnesses of a run carry: which of them count, and how strong silence is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.reading import all_sessions, flaw
from showcase.evidence import Level

if TYPE_CHECKING:
    from showcase.evidence import Run, WitnessReport


COMMAND_ROLE = "command"
"""What the one process of an audit is called in its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """What the silence of the witnesses is worth.

    Attributes:
        level: Level of a claim that rests on it, None where it is worth nothing.
        carried_by: Names of the witnesses that count.
        refused: Why the others do not count, a sentence each.
        limits: What those that count could not see.
    """

    level: Level | None
    carried_by: tuple[str, ...]
    refused: tuple[str, ...]
    limits: tuple[str, ...]


def strength(run: Run) -> Strength:
    """Return what silence is worth in `run`.

    A witness counts when it was active, its control fired, and it watched every session and control from before
    its first import to its end. Behind the seal's walls silence is `enforced`. Every call recorded by the kernel, or
    inside each worker and confirmed by one who looks from outside, is `recorded`; looking from outside alone is
    `sampled`; the workers' own word alone is `self-reported`.
    """
    good: dict[str, WitnessReport] = {}
    refused = []
    for report in run.witnesses:
        reason = _refusal(report, run)
        if reason is None:
            good[report.name] = report
        else:
            refused.append(f"witness {report.name} does not count: {reason}")
    level: Level | None = None
    if "seal" in good:
        level = "enforced"
    elif "syscalls" in good or ("sockets" in good and "hook" in good):
        level = "recorded"
    elif "sockets" in good:
        level = "sampled"
    elif "hook" in good:
        level = "self-reported"
    limits = [f"{name} does not see {what}" for name, report in good.items() for what in report.unseen]
    return Strength(level=level, carried_by=tuple(good), refused=tuple(refused), limits=(*limits, *refused))


def _refusal(report: WitnessReport, run: Run) -> str | None:
    if not report.active:
        return report.reason or "it did not look"
    if report.control is None or not report.control.fired:
        return "it did not catch the leak that was planted for it"
    failed = [trial.id for trial in run.drill if report.name in trial.worse]
    if failed:
        return f"in the drill it missed what it should catch: {', '.join(failed)}"
    covered = {item.role: item for item in report.coverage}
    for role in watched_roles(run):
        item = covered.get(role)
        if item is None:
            return f"it did not watch {role}"
        if not item.complete:
            return f"it did not watch all of {role}: {item.note or 'incomplete'}"
    return None


def watched_roles(run: Run) -> list[str]:
    """Return the roles that have to be watched for a claim about the whole run."""
    if run.command is not None:
        return [COMMAND_ROLE]
    return [
        *(f"session {item.number}" for item in run.sessions),
        *(f"control {item.scene}" for item in run.controls),
    ]


def unfinished(run: Run) -> str | None:
    """Return why the run as a whole proves no absence, None where every process ran to its end."""
    if run.interrupted:
        return f"the run was interrupted: {run.interrupted}"
    if run.command is not None:
        return None if run.command.exit_code is not None else "the command was never seen to end"
    for item, what in all_sessions(run):
        found = flaw(item, what)
        if found is not None:
            return found
    for item in run.controls:
        found = flaw(item, f"control {item.scene}")
        if found is not None:
            return found
    return None
