"""Witness `hook`: what the audit hook inside each worker saw (see `recorder`), gathered outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from showcase.evidence import Attempt, Coverage, WitnessReport
from showcase.processes.protocol.events import Exit, Faulted, Garbled, Spawned
from showcase.processes.protocol.seen import Attempted, FoundNative, StartedProcess, Unreadable
from showcase.witnesses import unseen
from showcase.witnesses.interface import Testimony

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.clock import RunClock
    from showcase.processes.protocol.events import Event


@dataclass(slots=True)
class _Watched:
    from_s: float
    until_s: float | None = None
    hooked: bool = False
    ended: bool = False
    unreadable: int = 0
    children: int = 0
    native: set[str] = field(default_factory=set)

    def notes(self) -> list[str]:
        notes = []
        if not self.hooked:
            notes.append("no hook was installed")
        if not self.ended:
            notes.append("it ended without saying so")
        if self.unreadable:
            notes.append(f"{self.unreadable} events could not be read")
        if self.children:
            notes.append(f"it started {self.children} processes that the hook cannot see into")
        if self.native:
            notes.append(f"it reached for C functions that the hook cannot see: {', '.join(sorted(self.native))}")
        return notes


class HookWitness:
    """Gathers the attempts that workers recorded in themselves."""

    name = "hook"

    def __init__(self) -> None:
        self._clock: RunClock | None = None
        self._started_s = 0.0
        self._watched: dict[str, _Watched] = {}
        self._attempts: list[Attempt] = []

    def unavailable(self) -> str | None:
        """Never: audit hooks are part of every Python that runs this program."""
        return None

    def start(self, clock: RunClock) -> None:
        """Begin to listen."""
        self._clock = clock
        self._started_s = clock.now_s()

    def wrap(self, role: str, command: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002 - see `Witness`
        """Return the command unchanged: the worker installs the hook itself."""
        return tuple(command)

    def enter(self, role: str, pid: int) -> None:
        """Nothing: a process that carries the hook says so itself, and the model server carries none."""

    def heard(self, role: str, pid: int, event: Event) -> None:
        """Take note of an attempt, or of what says how far the hook carried."""
        watched = self._watched.setdefault(role, _Watched(from_s=self._now_s()))
        match event:
            case Spawned():
                watched.hooked = event.hook
            case Exit() | Faulted():
                watched.ended = True
            case Unreadable() | Garbled():
                watched.unreadable += 1
            case StartedProcess():
                watched.children += 1
            case FoundNative():
                watched.native.add(event.name)
            case Attempted():
                self._attempts.append(self._attempt(role, pid, event))
            case _:
                pass

    def leave(self, role: str, pid: int) -> None:  # noqa: ARG002 - see `Witness`
        """Take note of the end."""
        if role in self._watched:
            self._watched[role].until_s = self._now_s()

    def counts(self) -> dict[str, int]:
        """Return how many attempts were recorded so far."""
        return {"attempts": len(self._attempts)}

    def stop(self) -> Testimony:
        """Say what was recorded, process by process."""
        coverage = tuple(
            Coverage(
                role=role,
                from_s=watched.from_s,
                until_s=watched.until_s,
                complete=not watched.notes() and watched.until_s is not None,
                note="; ".join(watched.notes()),
            )
            for role, watched in self._watched.items()
        )
        report = WitnessReport(
            name=self.name,
            active=any(watched.hooked for watched in self._watched.values()),
            started_s=self._started_s,
            ended_s=self._now_s(),
            counts={
                "attempts": len(self._attempts),
                "unreadable": sum(watched.unreadable for watched in self._watched.values()),
                "children": sum(watched.children for watched in self._watched.values()),
            },
            coverage=coverage,
            unseen=unseen.texts(unseen.HOOK),
        )
        return Testimony(report=report, attempts=tuple(self._attempts))

    def _now_s(self) -> float:
        return self._clock.now_s() if self._clock else 0.0

    def _attempt(self, role: str, pid: int, event: Attempted) -> Attempt:
        moment = self._clock.at_s(event.t) if self._clock else self._now_s()
        return Attempt(
            kind=event.kind,
            family=event.family,
            address=event.address,
            port=event.port,
            name=event.name,
            transport=event.transport,
            pid=pid,
            process="python",
            role=role,
            package=event.package or None,
            first_seen_s=moment,
            last_seen_s=moment,
            count=1,
            witnesses=(self.name,),
            peer=event.peer,
        )
