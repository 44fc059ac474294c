"""Claim `processes`: each session was a process of its own, spawned by us, and none met another."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from showcase.claims import limits
from showcase.claims.interface import broken, inconclusive, upheld
from showcase.claims.reading import all_sessions, counted, first_flaw, listing, pointer

if TYPE_CHECKING:
    from showcase.evidence import Run, Session, Verdict

CLOCKS_S = 60.0
"""How far the process table's time of day may be from ours: it counts from the boot, in whole seconds at worst."""


class Processes:
    """Distinct (pid, create time), our orchestrator an ancestor, no two sessions alive at once."""

    id = "processes"
    title = "Each session was a process of its own"

    def judge(self, run: Run) -> Verdict:
        """Return what follows from the process table as it was seen."""
        sessions = [item for item, _ in all_sessions(run) if item is not None]
        evidence = [pointer(run, item) for item in sessions]
        violation = self._violation(run, sessions)
        if violation is not None:
            return broken(self, "recorded", violation, evidence=evidence)
        missing = first_flaw(run, all_sessions(run))
        if missing is None:
            missing = next(
                (
                    f"the process table did not confirm session {item.number}"
                    for item in sessions
                    if None in (item.pid, item.confirmed_pid, item.create_time, item.ended_s) or not item.ancestors
                ),
                None,
            )
        missing = missing or _untimely(run, sessions)
        if missing is not None:
            return inconclusive(self, missing, evidence=evidence)
        pids = ", ".join(str(item.pid) for item in sessions)
        return upheld(
            self,
            "recorded",
            f"{len(sessions)} sessions in {len(sessions)} processes (pids {pids}), one after the other",
            evidence=evidence,
            limits=(limits.PROCESS_TABLE.text,),
        )

    def _violation(self, run: Run, sessions: list[Session]) -> str | None:
        outlived = sum(report.counts.get("outlived", 0) for report in run.witnesses)
        if outlived and not run.interrupted:  # whoever was interrupted had no chance to end in time
            notes = {part.note for report in run.witnesses for part in report.coverage if "outlived" in part.note}
            return f"{counted(outlived, 'process', 'processes')} outlived a session: {listing(sorted(notes))}"
        return self._confusion(run, sessions) or self._overlap(sessions)

    def _confusion(self, run: Run, sessions: list[Session]) -> str | None:
        seen: dict[tuple[int, float], str] = {}
        for item in sessions:
            if item.pid is not None and item.confirmed_pid is not None and item.pid != item.confirmed_pid:
                return f"session {item.number} says it is pid {item.pid}, the process table {item.confirmed_pid}"
            if item.confirmed_pid is not None and item.create_time is not None:
                key = (item.confirmed_pid, item.create_time)
                if key in seen:
                    return f"{seen[key]} and session {item.number} were the same process {item.confirmed_pid}"
                seen[key] = f"session {item.number}"
            orchestrator = _orchestrator_of(run, item)
            if item.confirmed_pid == orchestrator:
                return f"session {item.number} ran inside the orchestrator"
            if item.ancestors and orchestrator not in item.ancestors:
                return f"session {item.number} is no descendant of the orchestrator"
        for item in run.controls:
            if item.confirmed_pid is not None and item.create_time is not None:
                key = (item.confirmed_pid, item.create_time)
                if key in seen:
                    return f"{seen[key]} and control {item.scene} were the same process {item.confirmed_pid}"
                seen[key] = f"control {item.scene}"
        return None

    def _overlap(self, sessions: list[Session]) -> str | None:
        for index, first in enumerate(sessions):
            for second in sessions[index + 1 :]:
                if (
                    first.ended_s is not None
                    and second.started_s < first.ended_s
                    and (second.ended_s is None or first.started_s < second.ended_s)
                ):
                    return f"sessions {first.number} and {second.number} were alive at the same time"
        return None


def _untimely(run: Run, sessions: list[Session]) -> str | None:
    """Return which process cannot have begun when the process table says, None where all can.

    A log of phases has only the order: its parts come from several days and clocks.
    """
    created = [item.create_time for item in sessions if item.create_time is not None]
    if not all(0 < one < other for one, other in pairwise(created)):
        return "the process table says that the sessions began in another order"
    if run.phases:
        return None
    try:
        began, ended = (datetime.fromisoformat(text).timestamp() for text in (run.started_at, run.ended_at))
    except ValueError:
        return "the log does not say when the run began and ended"
    for item in sessions:
        if item.create_time is not None and not began - CLOCKS_S <= item.create_time <= ended + CLOCKS_S:
            return f"the process table says that session {item.number} began at another time than the run"
    return None


def _orchestrator_of(run: Run, item: Session) -> int:
    """Return the pid of the process that conducted this session: one for all, or one a phase."""
    own = next((phase.orchestrator_pid for phase in run.phases if phase.session == item.number), None)
    return run.orchestrator_pid if own is None else own
