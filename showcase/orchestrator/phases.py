"""Phases that a person starts one by one: what each adds to the log that the ones before began."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from showcase import runlog
from showcase.engines.model_names import short
from showcase.engines.rehearsal_embedding import is_ours
from showcase.errors import UsageError
from showcase.evidence import Control, Coverage, PhaseRun, Rule, Run, WitnessReport
from showcase.settings import OLLAMA
from showcase.shell.advice import run_command
from showcase.witnesses.connections import merge

if TYPE_CHECKING:
    from showcase.engines.discovery import Choice
    from showcase.evidence import Scenario, Session
    from showcase.orchestrator.store_under_test import StoreUnderTest
    from showcase.settings import Settings

CONTROLS_OF = {1: (), 2: ("empty-store",), 3: ("unfiltered-read",)}
"""Controls that each phase brings along."""


def earlier(settings: Settings, scenario: Scenario, store: StoreUnderTest) -> Run | None:
    """Return the log that this phase adds to, None where it begins one.

    Phase 1 always begins one; so does a phase that finds no log, or that of a whole run. A phase that is there
    already, and what came after it, is taken out: it is played again.

    Raises:
        UsageError: The phases before played another scenario, under other options, or on another store.
        RunLogError: The log is damaged.
    """
    phase = settings.phase
    if phase is None or phase == 1 or not settings.run_log.exists():
        return None
    log = runlog.read(settings.run_log)
    if not log.phases:
        return None
    anew = f"begin again, with a new store in place of theirs: {run_command(settings, phase=1)}"
    if log.scenario != scenario:
        raise UsageError(
            "the phases before this one played another scenario",
            hint=f"give theirs with --scenario or --language, or {anew}",
        )
    if (log.options.infer, log.options.top_k) != (settings.infer, settings.top_k):
        infer = "--infer" if log.options.infer else "--no-infer"
        same = run_command(settings, infer=log.options.infer, top_k=log.options.top_k)
        raise UsageError(
            f"the phases before this one ran with {infer} --top-k {log.options.top_k}",
            hint=f"go on with these: {same}; or {anew}",
        )
    if not store.is_that_of(log):
        before = "the one in the output directory" if log.store is None else log.store.where or f"a {log.store.called}"
        raise UsageError(
            f"the phases before this one used another store: {before}",
            hint=f"name theirs with --store, or leave it out; or {anew}",
        )
    taken_out = [scene for number in range(phase, 4) for scene in CONTROLS_OF[number]]
    return replace(
        log,
        sessions=tuple(item for item in log.sessions if item.number < phase),
        controls=tuple(item for item in log.controls if item.scene not in taken_out),
        phases=tuple(item for item in log.phases if item.session < phase),
        claims=(),
    )


def begins_at_s(log: Run | None) -> float:
    """Return the moment of the log's time at which a phase that adds to it begins.

    Taken from the time of day, because the monotonic clock does not outlive a restart of the machine; never
    before the end of the phase before, so that a clock that went back makes no two phases overlap.
    """
    if log is None:
        return 0.0
    try:
        since = (datetime.now(timezone.utc) - datetime.fromisoformat(log.started_at)).total_seconds()
    except (ValueError, TypeError):
        since = 0.0
    return max(log.duration_s, since)


def check_engine(log: Run | None, choice: Choice, settings: Settings) -> None:
    """Refuse a server or models that the phases before did not use.

    Raises:
        UsageError: They are others; the hint names the right ones.
    """
    before = log.engine if log is not None else None
    if before is None:
        return
    used = (before.kind, before.chat_model.name, before.embed_model.name)
    if used != (choice.kind, choice.chat_model.name, choice.embed_model.name):
        names: tuple[str | None, ...] = (None, None) if before.kind == "rehearsal" else used[1:]
        if before.kind == "embedded":  # where the file lay is in no log
            names = tuple(name if is_ours(name) else f"{short(name).partition(':')[0]}.gguf" for name in used[1:])
        started = before.kind == "ollama" and bool(before.started)
        same = run_command(
            settings,
            engine=before.kind,
            start_ollama=(settings.start_ollama or "ollama") if started else None,
            ollama=settings.ollama if settings.ollama.port or started else OLLAMA,
            chat_model=names[0],
            embed_model=names[1],
        )
        raise UsageError(
            f"the phases before this one used {used[0]} with {used[1]} and {used[2]}",
            hint=f"go on with these: {same}; or begin again, with a new store in place of theirs: "
            f"{run_command(settings, phase=1)}",
        )
    for then, now in ((before.chat_model, choice.chat_model), (before.embed_model, choice.embed_model)):
        if None not in (then.digest, now.digest) and then.digest != now.digest:
            raise UsageError(
                f"the phases before this one used another {now.name}: then its digest was {then.digest}, and now it is "
                f"{now.digest}",
                hint=f"put the model back that was there, or begin again, with a new store in place of theirs: "
                f"{run_command(settings, phase=1)}",
            )


def add(log: Run | None, facts: Run, session: int) -> Run:
    """Return `log` with this phase's facts in it; `log` None begins one."""
    phase = PhaseRun(
        session=session,
        orchestrator_pid=facts.orchestrator_pid,
        started_at=facts.started_at,
        ended_at=facts.ended_at,
        engine_started=None if facts.engine is None else facts.engine.started,
        daemons=facts.daemons,
    )
    if log is None:
        return replace(facts, phases=(phase,))
    allowed = (*log.policy.allowed, *(item for item in facts.policy.allowed if item not in log.policy.allowed))
    rules = _led(log.policy.rules, facts.policy.rules)
    return replace(
        facts,
        run_id=log.run_id,
        started_at=log.started_at,
        interrupted=facts.interrupted or log.interrupted,
        engine=facts.engine or log.engine,
        options=replace(facts.options, keep_store=log.options.keep_store),
        policy=replace(facts.policy, allowed=allowed, rules=rules),
        store=facts.store and replace(facts.store, addresses=rules[0].addresses if rules else ()),
        environment=replace(
            facts.environment,
            kept=tuple(sorted({*log.environment.kept, *facts.environment.kept})),
            left_out=tuple(sorted({*log.environment.left_out, *facts.environment.left_out})),
        ),
        sessions=(*log.sessions, *facts.sessions),
        controls=(*log.controls, *facts.controls),
        witnesses=_together(log.witnesses, facts.witnesses),
        connections=merge((*log.connections, *facts.connections)),
        phases=(*log.phases, phase),
    )


def _led(before: tuple[Rule, ...], now: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Return the rules of now, of which a name may have led elsewhere before."""
    known = {(rule.host, rule.port): rule.addresses for rule in before}
    return tuple(
        replace(rule, addresses=tuple(sorted({*rule.addresses, *known.get((rule.host, rule.port), ())})))
        for rule in now
    )


def _together(before: tuple[WitnessReport, ...], now: tuple[WitnessReport, ...]) -> tuple[WitnessReport, ...]:
    """Return one report a witness: what it can say of all phases is the least that it can say of any."""
    known = {report.name: report for report in before}
    together = [_both(known[report.name], report) if report.name in known else report for report in now]
    together += [report for report in before if report.name not in {item.name for item in now}]
    return tuple(sorted(together, key=lambda report: (not report.active, report.name)))


def _both(before: WitnessReport, now: WitnessReport) -> WitnessReport:
    earlier = {item.role: item for item in before.coverage}
    again = {item.role for item in now.coverage}
    return WitnessReport(
        name=now.name,
        active=before.active and now.active,
        reason=before.reason or now.reason,
        started_s=_least(before.started_s, now.started_s),
        ended_s=now.ended_s,
        counts={key: before.counts.get(key, 0) + now.counts.get(key, 0) for key in (before.counts | now.counts)},
        control=_both_controls(before.control, now.control),
        coverage=(
            *(item for item in before.coverage if item.role not in again),
            *(_both_coverages(earlier.get(item.role), item) for item in now.coverage),
        ),
        unseen=tuple(dict.fromkeys((*before.unseen, *now.unseen))),
    )


def _both_coverages(before: Coverage | None, now: Coverage) -> Coverage:
    """Return what covers a role of both phases; a session that is played again takes the place of the earlier one."""
    if before is None or now.role.startswith(("session ", "control ", "supervisor of ")):
        return now
    return Coverage(
        role=now.role,
        from_s=_least(before.from_s, now.from_s),
        until_s=now.until_s,
        complete=before.complete and now.complete,
        note="; ".join(note for note in (before.note, now.note) if note),
    )


def _both_controls(before: Control | None, now: Control | None) -> Control | None:
    if before is None or now is None:
        return None
    return Control(
        planted=f"{before.planted}; {now.planted}",
        fired=before.fired and now.fired,
        detail=f"{before.detail}; {now.detail}",
    )


def _least(*moments: float | None) -> float | None:
    known = [moment for moment in moments if moment is not None]
    return min(known) if known else None


def why_nothing(session: Session, settings: Settings, store: StoreUnderTest) -> str | None:
    """Return why a session recalled nothing, in words; None where it recalled something or never searched."""
    if session.recalled is None or session.recalled:
        return None
    if session.store_before is None or session.store_before.is_empty:
        gone = "the folder was deleted" if store.server is None else "the collection was emptied"
        return (
            f"nothing was recalled because the store {store.called} was empty when session {session.number} began: "
            f"nothing was planted, or {gone}. Plant first: {run_command(settings, phase=1)}"
        )
    return f"nothing was recalled: the store {store.called} holds no memory of {session.user_id!r}"
