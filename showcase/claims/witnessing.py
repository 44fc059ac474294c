"""How much the witnesses of a run carry: which of them count, and how strong silence is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims import limits
from showcase.claims.consistency import CONTROLS, disorder
from showcase.claims.coverage import COMMAND_ROLE, ENGINE_ROLE, has_own_engine, refusal, watches_engine
from showcase.claims.reading import all_sessions, control, flaw
from showcase.evidence import LEVELS, Level
from showcase.evidence.limits import spot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from showcase.evidence import Run, WitnessReport

__all__ = ["COMMAND_ROLE", "ENGINE_ROLE", "Strength", "has_own_engine", "strength", "unfinished"]

KEPT_OUT = "it looks from outside, and the seal, which carries the claims, stands between"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """What the silence of the witnesses is worth.

    Attributes:
        level: Level of a claim that rests on it, None where it is worth nothing.
        carried_by: Names of the witnesses that count.
        refused: Why the others do not count, a sentence each.
        limits: What those that count could not see.
        engine_watched_by: Names of those that watched the engine too, where it was a process of the run.
        engine_level: Level of a claim about that engine alone that rests on them; None where it is worth nothing.
    """

    level: Level | None
    carried_by: tuple[str, ...]
    refused: tuple[str, ...]
    limits: tuple[str, ...]
    engine_watched_by: tuple[str, ...] = ()
    engine_level: Level | None = None


def strength(run: Run) -> Strength:
    """Return what silence is worth in `run`.

    A witness counts when it was active, its control fired, and it watched every session and control from before
    its first import to its end. Behind the seal's walls silence is `enforced`. Every call recorded by the kernel, or
    inside each worker and confirmed by one who looks from outside, is `recorded`; looking from outside alone is
    `sampled`, and so is the record of calls where the kernel may have acted for root beside them, or where the watched
    could have edited it; the workers' own
    word alone is `self-reported`. The engine that the run started is a process of the run
    too, and the hook is not in it: silence is worth no more than those who watched it as well can give.
    """
    reasons = [(report, refusal(report, run)) for report in run.witnesses]
    good = {report.name: report for report, reason in reasons if reason is None}
    refused = [
        limits.NOT_COUNTED.of(name=report.name, why=KEPT_OUT if _kept_out(report, good) else reason)
        for report, reason in reasons
        if reason is not None
    ]
    weakened = [] if "seal" in good else _weakened_by([good["syscalls"]] if "syscalls" in good else good.values())
    level = level_of(good)
    if level is not None and weakened:
        level = _weaker(level, "sampled")
    watchers = tuple(name for name, report in good.items() if name != "hook" and watches_engine(report, run))
    said = [spot(name, what) for name, report in good.items() for what in report.unseen]
    if {"sockets", "hook"} <= set(good) and "syscalls" not in good:
        said.insert(0, limits.NATIVE.text)
    said = [*weakened, *said]
    engine_level = _of_engine(watchers)
    if engine_level is not None and weakened:
        engine_level = _weaker(engine_level, "sampled")
    if level is not None and has_own_engine(run):
        level = _weaker(level, engine_level or "self-reported")
        said += _about_engine(run, good, watchers)
    return Strength(
        level=level,
        carried_by=tuple(good),
        refused=tuple(refused),
        limits=(*said, *refused),
        engine_watched_by=watchers,
        engine_level=engine_level,
    )


def _kept_out(report: WitnessReport, good: Collection[str]) -> bool:
    """Return whether a witness missed the leak because of the seal around it, and did nothing wrong itself."""
    missed = report.active and report.control is not None and not report.control.fired
    return report.name == "sockets" and missed and "seal" in good


def _weakened_by(reports: Iterable[WitnessReport]) -> list[str]:
    """Return what else those could have done, without a seal, whose calls were recorded."""
    reports = tuple(reports)
    said = {"privileged": limits.PRIVILEGED, "unfenced": limits.UNFENCED}
    return [limit.of() for what, limit in said.items() if any(report.counts.get(what) for report in reports)]


def level_of(names: Collection[str]) -> Level | None:
    """Return what silence is worth where these witnesses count, None where it is worth nothing."""
    if "seal" in names:
        return "enforced"
    if "syscalls" in names or ("sockets" in names and "hook" in names):
        return "recorded"
    if "sockets" in names:
        return "sampled"
    return "self-reported" if "hook" in names else None


def _of_engine(watchers: Collection[str]) -> Level | None:
    """Return the strongest level that a claim can have where these watched the engine."""
    levels: tuple[tuple[str, Level], ...] = (("seal", "enforced"), ("syscalls", "recorded"), ("sockets", "sampled"))
    return next((level for name, level in levels if name in watchers), None)


def _weaker(one: Level, other: Level) -> Level:
    return max(one, other, key=LEVELS.index)


def _about_engine(run: Run, names: Collection[str], watchers: Collection[str]) -> list[str]:
    if not watchers:
        return [limits.ENGINE_UNWATCHED.of()]
    said = [limits.PHASES.of()] if len(run.phases) > 1 else []
    if "seal" not in watchers:
        said.append(limits.ENGINE_CALLERS.text)
    if "seal" in names and "seal" not in watchers:
        said.append(limits.ENGINE_UNSEALED.of(watchers=", ".join(watchers)))
    return said


def unfinished(run: Run) -> str | None:
    """Return why the run as a whole proves no absence, None where every process ran to its end."""
    if run.interrupted:
        return f"the run was interrupted: {run.interrupted}"
    if run.command is not None:
        return None if run.command.exit_code is not None else "the command was never seen to end"
    parts = all_sessions(run) + [(control(run, scene), f"control {scene}") for scene in CONTROLS]
    flaws = [found for item, what in parts if (found := flaw(item, what)) is not None]
    return flaws[0] if flaws else disorder(run)
