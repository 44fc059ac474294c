"""Whether those who are named on a row of the table can have seen it, and whether they can have seen it so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import several_phases, told
from showcase.claims.consistency.order import numbers_of
from showcase.claims.consistency.reports import CONTROL_ROLE, began
from showcase.claims.consistency.rows import INTERNET, UNEXPLAINED
from showcase.claims.coverage import COMMAND_ROLE, ENGINE_ROLE, has_own_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Attempt, Run, WitnessReport

SEEN_BY: dict[str, frozenset[str]] = {
    "connect": frozenset({"sockets", "hook", "syscalls", "seal"}),
    "lookup": frozenset({"hook", "syscalls", "seal"}),
    "send": frozenset({"hook", "syscalls", "seal"}),
    "listen": frozenset({"sockets", "syscalls"}),
    "accept": frozenset({"sockets"}),
    "socket": frozenset({"syscalls"}),
    "reach": frozenset({"syscalls"}),
    "inherited": frozenset({"syscalls"}),
}
"""Kind of attempt to the witnesses that can see one."""

OF_THE_WIRE = ("stayed inside the seal", "bridged to the same port outside")
"""How the outcome begins of what the seal saw, and of nothing else."""

_STATES = re.compile(r"[A-Z][A-Z_0-9]+")


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    reports = {report.name: report for report in run.witnesses}
    for row in run.connections:
        for what in (*_who(row, reports, run), *_what(row, run), *_when(row, reports, run)):
            yield f"a row of {row.role or 'nobody'} ({row.kind}): {what}"
    yield from _unheard(reports.get("syscalls"), run)


def _who(row: Attempt, reports: dict[str, WitnessReport], run: Run) -> Iterator[str]:
    names = row.witnesses
    if not names or list(names) != sorted(set(names)):
        yield "its witnesses are nobody, or not in their order, each once"
    role = row.role.removeprefix("child of ")
    if not _is_role(role, run):
        yield f"there is no process {row.role!r}"
    # Who is not told whom it looks at calls it a child of the one who started it.
    beside = row.role != role or role.startswith(("orchestrator", "supervisor of "))
    for name in names:
        report = reports.get(name)
        if report is None or (report.control is None and not several_phases(run)):
            yield f"it was seen by the witness {name}, who did not look"
        elif name not in SEEN_BY[row.kind]:
            yield f"the witness {name} sees none"
        elif beside and name != "sockets":
            yield f"the witness {name} does not watch {row.role}"
        elif name != "sockets" and role not in {item.role for item in report.coverage}:
            yield f"it was seen by the witness {name}, who did not watch {role}"


def _is_role(role: str, run: Run) -> bool:
    if role in ("orchestrator", CONTROL_ROLE):
        return True
    if run.command is not None:
        return role == COMMAND_ROLE
    base = role.removeprefix("supervisor of ")
    known = (ENGINE_ROLE, CONTROL_ROLE, *(f"session {number}" for number in numbers_of(run)))
    return base in (*known, "control empty-store", "control unfiltered-read")


def _what(row: Attempt, run: Run) -> Iterator[str]:
    names = set(row.witnesses)
    outcome = row.outcome or ""
    wire = outcome.startswith(OF_THE_WIRE)
    if wire is not ("seal" in names) and not several_phases(run):
        yield f"the seal saw it or not, and it came to {outcome or 'nothing'!r}"
    if "seal" in names and row.family not in INTERNET:
        yield f"the seal sees nothing of the family {row.family}"
    if names == {"hook"} and row.outcome is not None:
        yield "Python alone saw it, and cannot know what it came to"
    if row.family == "name" and names != {"hook"}:
        yield "a name that Python was asked for was seen by others"
    if "hook" not in names and row.package is not None:
        yield "it has a package, and nobody saw into Python"
    known = row.kind == "connect" and row.family in INTERNET and "syscalls" in names
    # Of several attempts an older log had the last outcome alone, which is left out where it may mislead.
    if row.outcome is None and row.count == 1 and (known or "sockets" in names):
        yield "those who saw it know what it came to, and it is not said"
    if names & {"hook", "sockets"} and row.transport is None and row.family in INTERNET:
        yield "those who saw it know what carried it, and it is not said"
    if names == {"sockets"} and not _STATES.fullmatch(outcome):
        yield f"it was looked at from outside, and came to {outcome!r}"
    if row.pid is None and row.kind != "inherited" and outcome != UNEXPLAINED:
        yield "those who saw it know whose it was, and it is not said"


def _unheard(report: WitnessReport | None, run: Run) -> Iterator[str]:
    """Hold a server of the run, whose every call was seen, against the call that lets it be a server."""
    if report is None or run.engine is None or several_phases(run) or not has_own_engine(run):
        return
    watched = any(item.role == ENGINE_ROLE and item.complete for item in report.coverage)
    port = run.engine.endpoint.port
    if watched and not any(
        row.kind == "listen" and row.port == port and row.role.removeprefix("child of ") == ENGINE_ROLE
        for row in run.connections
    ):
        yield f"every call of the engine was seen, and none that waits at port {port}"


def _when(row: Attempt, reports: dict[str, WitnessReport], run: Run) -> Iterator[str]:
    """Hold the moments against when those who saw it began; a session that is played again leaves older rows."""
    if several_phases(run) or row.kind == "inherited":
        return
    role = row.role.removeprefix("child of ")
    looked = reports.get("sockets")
    if "sockets" in row.witnesses:
        since_s = looked.started_s if looked is not None else None
    else:
        supervised = reports.get("syscalls")
        launched = [each.from_s for each in supervised.coverage if each.role == role] if supervised is not None else []
        since_s = next((moment for moment in launched if moment is not None), began(role, run))
    if since_s is not None and not since_s <= row.first_seen_s:
        yield f"it was seen after {told(row.first_seen_s)} s, before the process began"
