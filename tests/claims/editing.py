"""Edits of a real log: what somebody would write into it who wants another verdict.

Each edit is one of many that an honest log would differ in, so a claim is asked by itself: whether the log as a whole
contradicts itself is another question, of `test_contradictions`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from showcase import claims
from showcase.evidence import Attempt

if TYPE_CHECKING:
    from showcase.evidence import Run, Verdict


def alone(run: Run) -> tuple[Verdict, ...]:
    """Return what each claim makes of the log by itself."""
    judged = {item.id for item in claims.judge(run)}
    return tuple(claim.judge(run) for claim in claims.CLAIMS if claim.id in judged)


def verdict(run: Run, claim: str) -> Verdict:
    return next(item for item in alone(run) if item.id == claim)


def with_session(run: Run, number: int, **changes: Any) -> Run:
    sessions = tuple(replace(item, **changes) if item.number == number else item for item in run.sessions)
    return replace(run, sessions=sessions)


def with_control(run: Run, scene: str, **changes: Any) -> Run:
    controls = tuple(replace(item, **changes) if item.scene == scene else item for item in run.controls)
    return replace(run, controls=controls)


def attempt(**changes: Any) -> Attempt:
    facts: dict[str, Any] = {
        "kind": "connect",
        "family": "inet",
        "address": "198.51.100.7",
        "port": 443,
        "pid": 1,
        "process": "python",
        "role": "session 2",
        "first_seen_s": 1.0,
        "last_seen_s": 1.0,
        "count": 1,
        "witnesses": ("hook",),
    }
    return Attempt(**{**facts, **changes})


def with_witness(run: Run, name: str, **changes: Any) -> Run:
    witnesses = tuple(replace(item, **changes) if item.name == name else item for item in run.witnesses)
    return replace(run, witnesses=witnesses)


def with_coverage(run: Run, name: str, role: str, **changes: Any) -> Run:
    report = next(item for item in run.witnesses if item.name == name)
    rows = tuple(replace(item, **changes) if item.role == role else item for item in report.coverage)
    return with_witness(run, name, coverage=rows)


def with_engine(run: Run, **changes: Any) -> Run:
    assert run.engine is not None
    return replace(run, engine=replace(run.engine, **changes))


def with_attempt(run: Run, **changes: Any) -> Run:
    return replace(run, connections=(*run.connections, attempt(**changes)))


def without(run: Run, name: str) -> Run:
    return with_witness(run, name, active=False, reason="not asked for", control=None, coverage=())
