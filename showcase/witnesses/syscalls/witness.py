"""Witness `syscalls`: every call that names a destination, as the kernel was about to make it."""

from __future__ import annotations

import os
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.evidence import Attempt, Coverage, WitnessReport
from showcase.witnesses import unseen
from showcase.witnesses.interface import OwnConnection, Testimony
from showcase.witnesses.panel import ENGINE_ROLE
from showcase.witnesses.syscalls.command import supervised, why_unavailable
from showcase.witnesses.syscalls.record.own_connection import own_connection
from showcase.witnesses.syscalls.record.testimony import interpret, read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.clock import RunClock
    from showcase.processes.protocol.events import Event


class SyscallsWitness:
    """Runs each process under a supervisor of its own (Linux 5.19 or newer, no root).

    Args:
        options: Options for every supervisor, before the command.
    """

    name = "syscalls"

    def __init__(self, *options: str) -> None:
        self._options = options
        self.options_for: Callable[[str], tuple[str, ...]] | None = None
        """More options by role; `seal` asks for its walls here."""
        self._orders: dict[str, tuple[str, ...]] = {}
        self._files: dict[str, list[int]] = {}
        self._reported_pids: dict[str, int] = {}
        self._clock: RunClock | None = None
        self.records: dict[str, list[dict[str, Any]]] = {}
        """What each process's supervisor wrote, by role, once the process was left."""

    def unavailable(self) -> str | None:
        """Return why no supervisor works here, None where one did when this was first asked."""
        return self._why_unavailable

    @cached_property
    def _why_unavailable(self) -> str | None:
        return why_unavailable(*self._options)

    def start(self, clock: RunClock) -> None:
        """From now on what is wrapped is watched."""
        self._clock = clock

    def wrap(self, role: str, command: Sequence[str]) -> tuple[str, ...]:
        """Return the command under a supervisor. The worker's pid is then not the one that was spawned."""
        if self._clock is None:
            return tuple(command)
        # A file without a name: what the watched can open by a path, they could edit.
        records = os.memfd_create("records")
        self._files.setdefault(role, []).append(records)
        more = () if self.options_for is None else self.options_for(role)
        path = Path(f"/proc/{os.getpid()}/fd/{records}")
        return supervised(path, command, *self._options, *self._orders.get(role, ()), *more)

    def order(self, role: str, *options: str) -> None:
        """Have the supervisor of this role's next process started with these options as well."""
        self._orders[role] = options

    def launched_pid(self, role: str) -> int | None:
        """Return the pid of the process that runs as this role, None while there is none."""
        records = (record for file in self._files.get(role, []) for record in read(file))
        return next((record["pid"] for record in records if record["event"] == "launched"), None)

    def own_connection(self, role: str) -> OwnConnection | None:
        """Return the connection that the process of this role made to itself, as its supervisor saw it."""
        records = [record for file in self._files.get(role, []) for record in read(file)]
        return None if self._clock is None else own_connection(records or self.records.get(role, []), self._clock)

    def enter(self, role: str, pid: int) -> None:
        """Take note of the pid that the process says it has."""
        self._reported_pids[role] = pid

    def heard(self, role: str, pid: int, event: Event) -> None:
        """Nothing that a process says of itself matters here."""

    def leave(self, role: str, pid: int) -> None:  # noqa: ARG002 - the interface's
        """Read what the supervisor wrote; it ended before it was reaped."""
        if role in self._files:
            self.records[role] = [record for file in self._files[role] for record in read(file)]

    @property
    def supervisors(self) -> frozenset[int]:
        """Pids of the supervisors of processes that were left: what they connect to is the far side of a bridge."""
        return frozenset(
            record["pid"] for records in self.records.values() for record in records if record["event"] == "supervisor"
        )

    def stop(self) -> Testimony:
        """Testify on every process that was wrapped; what was never left is read as far as it was written."""
        assert self._clock is not None, "stop() follows start()"  # noqa: S101 - the interface's contract
        attempts: list[Attempt] = []
        coverage: list[Coverage] = []
        counts: Counter[str] = Counter()
        for role in self._files:
            if role not in self.records:
                self.leave(role, self._reported_pids.get(role, 0))
            watched = interpret(role, self.records[role], self._clock, self.name)
            attempts += watched.attempts
            counts.update(_of_servers(watched.counts) if role == ENGINE_ROLE else watched.counts)
            coverage.append(self._checked(watched.coverage, watched.launched_pid))
        for records in (each for files in self._files.values() for each in files):
            os.close(records)
        self._files.clear()
        report = WitnessReport(
            name=self.name,
            active=bool(coverage),
            reason="" if coverage else "no process was run under it",
            started_s=min((each.from_s for each in coverage if each.from_s is not None), default=None),
            ended_s=max((each.until_s for each in coverage if each.until_s is not None), default=None),
            counts=dict(counts),
            coverage=tuple(coverage),
            unseen=unseen.texts(unseen.SYSCALLS),
        )
        return Testimony(report=report, attempts=tuple(attempts))

    def _checked(self, coverage: Coverage, launched_pid: int | None) -> Coverage:
        reported = self._reported_pids.get(coverage.role)
        if reported is None or launched_pid is None or reported == launched_pid:
            return coverage
        note = f"watched process {launched_pid}, but the one that reported is {reported}"
        return Coverage(
            role=coverage.role,
            from_s=coverage.from_s,
            until_s=coverage.until_s,
            complete=False,
            note="; ".join(filter(None, (coverage.note, note))),
        )


def _of_servers(counts: Mapping[str, int]) -> dict[str, int]:
    """Return a server's counts, with its late processes apart: a model's runner that is slow to end is no orphan."""
    late = ("outlived", "ended")
    return {f"{name} a server" if name in late else name: number for name, number in counts.items()}
