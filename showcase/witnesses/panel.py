"""All witnesses of a run together: they are told the same things, and what they saw becomes one table."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from showcase.connections import merge
from showcase.evidence import Attempt, Control, Endpoint, WitnessReport
from showcase.witnesses.interface import Counting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.clock import RunClock
    from showcase.witnesses.interface import Witness

CONTROL_ROLE = "witness control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoy:
    """The leak that was planted: who connected where."""

    endpoint: Endpoint
    pid: int | None
    listener_pid: int


class Panel:
    """Those of the known witnesses that were asked for and can look here.

    Args:
        witnesses: Every known witness by name, None where it was not asked for.
    """

    def __init__(self, witnesses: Mapping[str, Witness | None]) -> None:
        self._absent: list[WitnessReport] = []
        self._present: list[Witness] = []
        self._lock = threading.Lock()
        for name, witness in witnesses.items():
            reason = "not asked for" if witness is None else witness.unavailable()
            if witness is None or reason is not None:
                self._absent.append(WitnessReport(name=name, active=False, reason=reason or "", counts={}))
            else:
                self._present.append(witness)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of those who look."""
        return tuple(witness.name for witness in self._present)

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

    def heard(self, role: str, pid: int, event: Mapping[str, Any]) -> None:
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
        for witness in self._present:
            testimony = witness.stop()
            planted = [row for row in testimony.attempts if decoy is not None and _is_planted(row, decoy)]
            attempts += [row for row in testimony.attempts if row not in planted]
            caught = [row for row in planted if row.kind == "connect"]
            reports.append(replace(testimony.report, control=_control(decoy, caught)))
        reports.sort(key=lambda report: (not report.active, report.name))
        return tuple(reports), merge(attempts)


def _is_planted(row: Attempt, decoy: Decoy) -> bool:
    if row.pid == decoy.pid:
        return (row.address, row.port) == (decoy.endpoint.address, decoy.endpoint.port) or (
            # The library call that connects asks for the address first, which is a number and no name.
            row.kind == "lookup" and row.name == decoy.endpoint.address
        )
    inbound = row.kind in ("listen", "accept")
    return inbound and row.pid == decoy.listener_pid and row.port == decoy.endpoint.port


def _control(decoy: Decoy | None, caught: Sequence[Attempt]) -> Control:
    if decoy is None or decoy.pid is None:
        return Control(planted="nothing", fired=False, detail="the decoy process did not run")
    planted = f"a connection from pid {decoy.pid} to a decoy at {decoy.endpoint}"
    if not caught:
        return Control(planted=planted, fired=False, detail="missed")
    return Control(planted=planted, fired=True, detail=f"caught {caught[0].first_seen_s:.3f} s into the run")
