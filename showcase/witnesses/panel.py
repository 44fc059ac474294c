"""All witnesses of a run together: they are told the same things, and what they saw becomes one table."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from showcase.evidence import Attempt, Control, Endpoint, WitnessReport
from showcase.witnesses.connections import merge
from showcase.witnesses.interface import Counting, Launching, OwnConnection, Supervising, Walling

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from showcase.clock import RunClock
    from showcase.processes.protocol.events import Event
    from showcase.witnesses.interface import Testimony, Witness

CONTROL_ROLE = "witness control"
ENGINE_ROLE = "engine"
"""The model server, where the run started it."""
IN_THE_TABLE = "rows in the table"
"""Count of every witness who looked: the rows that name it, so that one that goes missing is missed."""
DRILL_ROLE = "drill"
"""Rows of this role and of its children are planted leaks by trade: they have a table of their own."""

LATE_S = 5.0
"""How long after a process ended a look may notice it that began before; what `sockets` takes for an interruption."""

_OF_CONTROL = frozenset({CONTROL_ROLE, f"child of {CONTROL_ROLE}", "child of orchestrator"})
"""As whom the leaking process is seen, the last where nobody was told who it is. Never as one that is watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoy:
    """The leak that was planted: who connected where, and when. None of it is taken from what a process said.

    Attributes:
        endpoint: Where a decoy of ours listened.
        pid: The process that leaked, None where it did not run.
        listener_pid: The process that listened.
        inside: Another listener, in the leaking process itself: in a seal nobody else can be reached.
        reached: Whether the decoy heard of it. Behind a seal it must not.
        from_s: When the leaking process began, in the run's time.
        until_s: When it had ended, None where that is not known.
        whole: Whether it ended by itself: who was ended or stopped by somebody says nothing about the witnesses.
    """

    endpoint: Endpoint
    pid: int | None
    listener_pid: int
    inside: Endpoint | None = None
    reached: bool = False
    from_s: float = 0.0
    until_s: float | None = None
    whole: bool = True


class Panel:
    """Those of the known witnesses that were asked for and can look here.

    Args:
        witnesses: Every known witness by name, or why it is not one of this run; None: nobody asked for it.
    """

    def __init__(self, witnesses: Mapping[str, Witness | str | None]) -> None:
        self._absent: list[WitnessReport] = []
        self._present: list[Witness] = []
        self._lock = threading.Lock()
        for name, witness in witnesses.items():
            if witness is None or isinstance(witness, str):
                reason: str | None = witness or "not asked for"
            else:
                reason = witness.unavailable()
                if reason is None:
                    self._present.append(witness)
            if reason is not None:
                self._absent.append(WitnessReport(name=name, active=False, reason=reason, counts={}))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of those who look."""
        return tuple(witness.name for witness in self._present)

    @property
    def absent(self) -> dict[str, str]:
        """Names of those who do not look, and why."""
        return {report.name: report.reason for report in self._absent}

    def bridge(self, *ports: int) -> None:
        """Let those who are walled in reach these loopback ports; before they are wrapped."""
        for witness in self._present:
            if isinstance(witness, Walling):
                witness.ports = ports

    def admit(self, role: str, port: int) -> None:
        """Let a server of this role be reached at this loopback port, though it is walled in; before it is wrapped."""
        for witness in self._present:
            if isinstance(witness, Walling):
                witness.doors[role] = port

    @property
    def launches(self) -> bool:
        """Whether processes are started by one who then knows them; `launched_pid` and `own_connection` tell."""
        return any(isinstance(witness, Launching) for witness in self._present)

    def launched_pid(self, role: str) -> int | None:
        """Return the pid of the process that runs as this role, where somebody knows without being told by it."""
        found = (witness.launched_pid(role) for witness in self._present if isinstance(witness, Launching))
        return next((pid for pid in found if pid is not None), None)

    def own_connection(self, role: str) -> OwnConnection | None:
        """Return the connection that a process made to itself, where somebody knows without being told by it."""
        found = (witness.own_connection(role) for witness in self._present if isinstance(witness, Launching))
        return next((each for each in found if each is not None), None)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return what each of them counted so far; callable at any time, from any thread."""
        return {witness.name: witness.counts() for witness in self._present if isinstance(witness, Counting)}

    def start(self, clock: RunClock) -> None:
        """All begin to look."""
        for witness in self._present:
            witness.start(clock)

    def wrap(self, role: str, command: Sequence[str]) -> tuple[str, ...]:
        """Return the command that runs `command` under all of them."""
        for witness in self._present:
            command = witness.wrap(role, command)
        return tuple(command)

    def enter(self, role: str, pid: int) -> None:
        """A process waits before its first import."""
        for witness in self._present:
            witness.enter(role, pid)

    def heard(self, role: str, pid: int, event: Event) -> None:
        """A process wrote an event; called from threads."""
        with self._lock:
            for witness in self._present:
                witness.heard(role, pid, event)

    def leave(self, role: str, pid: int) -> None:
        """A process was reaped."""
        for witness in self._present:
            witness.leave(role, pid)

    def stop(self, decoy: Decoy | None) -> tuple[tuple[WitnessReport, ...], tuple[Attempt, ...]]:
        """Dismiss all; return their reports and the table of what they saw.

        Args:
            decoy: The planted leak, None where none could be planted. Who caught it is said in the reports, and
                its rows are taken out of the table.
        """
        reports = list(self._absent)
        attempts: list[Attempt] = []
        testimonies = [witness.stop() for witness in self._present]
        supervisors = {pid for each in self._present if isinstance(each, Supervising) for pid in each.supervisors}
        for testimony in _without_copies(testimonies, supervisors):
            planted = [] if decoy is None else _planted(testimony.attempts, decoy)
            drilled = (DRILL_ROLE, f"child of {DRILL_ROLE}")
            attempts += [row for row in testimony.attempts if row not in planted and row.role not in drilled]
            caught = [row for row in planted if row.kind == "connect"]
            reports.append(replace(testimony.report, control=_control(testimony.report.name, decoy, caught)))
        table = merge(attempts)
        reports = [_with_rows(report, table) for report in reports]
        reports.sort(key=lambda report: (not report.active, report.name))
        return tuple(reports), table


def _without_copies(testimonies: Sequence[Testimony], supervisors: Collection[int]) -> list[Testimony]:
    """Return the testimonies without what was seen of a supervisor and is its caller's.

    For the length of a call a supervisor has a copy of the very socket that it makes the call on.
    """
    named = {(row.address, row.port) for each in testimonies for row in each.attempts if row.pid not in supervisors}

    def own(row: Attempt) -> bool:
        return row.pid not in supervisors or (row.address, row.port) not in named

    return [replace(each, attempts=tuple(row for row in each.attempts if own(row))) for each in testimonies]


def _planted(rows: Sequence[Attempt], decoy: Decoy) -> list[Attempt]:
    """Return one witness's rows of the planted leak. Each end was contacted once: what comes again is another's."""
    found: list[Attempt] = []
    contacted = set()
    for row in rows:
        if _is_planted(row, decoy) and not (row.kind == "connect" and (row.count > 1 or row.port in contacted)):
            found.append(row)
            contacted |= {row.port} if row.kind == "connect" else set()
    return found


def _is_planted(row: Attempt, decoy: Decoy) -> bool:
    """Return whether a row fits in everything: process, role, end, transport and moment."""
    if row.transport != "tcp" or row.kind not in ("connect", "listen", "accept"):
        return False
    if row.role == "orchestrator":
        inbound = row.kind != "connect" and row.pid == decoy.listener_pid
        return inbound and (row.address, row.port) == (decoy.endpoint.address, decoy.endpoint.port)
    if row.pid != decoy.pid or row.role not in _OF_CONTROL:
        return False
    if row.first_seen_s < decoy.from_s or (decoy.until_s is not None and row.first_seen_s > decoy.until_s + LATE_S):
        return False
    ends = [end for end in (decoy.endpoint, decoy.inside) if end is not None]
    return any((row.address, row.port) == (end.address, end.port) for end in ends)


def _with_rows(report: WitnessReport, table: Sequence[Attempt]) -> WitnessReport:
    """Return what a witness says of itself, and how much of the table is its own, where it looked."""
    if report.control is None:
        return report
    rows = sum(report.name in row.witnesses for row in table)
    return replace(report, counts={**report.counts, IN_THE_TABLE: rows})


def _control(witness: str, decoy: Decoy | None, caught: Sequence[Attempt]) -> Control:
    if decoy is None or decoy.pid is None:
        return Control(planted="nothing", fired=False, detail="the decoy process did not run")
    planted = f"a connection from pid {decoy.pid} to a decoy at {decoy.endpoint}"
    if not decoy.whole:
        return Control(planted=planted, fired=False, detail="somebody ended the process that leaked")
    if not caught:
        blind = witness == "sockets" and decoy.pid is not None and not decoy.reached
        detail = "missed: it cannot look behind the seal, only at what is outside" if blind else "missed"
        return Control(planted=planted, fired=False, detail=detail)
    moment = f"{caught[0].first_seen_s:.3f} s into the run"
    if witness != "seal":
        return Control(planted=planted, fired=True, detail=f"caught {moment}")
    if decoy.reached:
        return Control(planted=planted, fired=False, detail=f"it got out {moment}")
    return Control(planted=planted, fired=True, detail=f"prevented {moment}: the decoy heard nothing")
