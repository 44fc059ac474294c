"""What a witness is.

A witness reports what it saw and what it could not see. It never judges. Its life::

    unavailable() -> start() -> [ wrap() -> enter() -> heard()* -> leave() ]* -> stop()

The bracket is one watched process: `wrap` before it is spawned, `enter` while it waits before its first
import, `heard` for every event line that it wrote, `leave` after it was reaped. Processes overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from showcase.evidence import Attempt, WitnessReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.clock import RunClock
    from showcase.processes.protocol.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Testimony:
    """All that a witness has to say when it is dismissed."""

    report: WitnessReport
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnConnection:
    """A process that waits for connections and makes one to itself: which one, where, and how long it lived.

    `from_s` and `until_s` are in the run's time; the last is None while it lives. `whole` says that it ended by itself,
    with status 0: nobody ended or stopped it.
    """

    pid: int
    port: int
    from_s: float
    until_s: float | None
    whole: bool


class Witness(Protocol):
    """Watches the processes of a run from beside them or from inside."""

    name: str

    def unavailable(self) -> str | None:
        """Return why this witness cannot look on this machine, or None where it can."""
        ...

    def start(self, clock: RunClock) -> None:
        """Begin to look. All moments in the testimony are in the run's time."""
        ...

    def wrap(self, role: str, command: Sequence[str]) -> tuple[str, ...]:
        """Return the command that runs `command` under this witness; most return it unchanged."""
        ...

    def enter(self, role: str, pid: int) -> None:
        """Take note of a process that waits before its first import; returns when it is being watched."""
        ...

    def heard(self, role: str, pid: int, event: Event) -> None:
        """Take note of an event that the process wrote."""
        ...

    def leave(self, role: str, pid: int) -> None:
        """Take note that the process was reaped."""
        ...

    def stop(self) -> Testimony:
        """Take a last look, stop looking and testify. Once after `start`, also after a failure."""
        ...


@runtime_checkable
class Walling(Protocol):
    """A witness that lets nothing out but to these loopback ports, and nobody in but to servers of these roles."""

    ports: tuple[int, ...]
    doors: dict[str, int]


@runtime_checkable
class Supervising(Protocol):
    """A witness that runs each process under one of its own, which makes calls in the process's place."""

    @property
    def supervisors(self) -> frozenset[int]:
        """Return the pids of the supervisors of processes that were left."""
        ...


@runtime_checkable
class Counting(Protocol):
    """A witness that can say at any time how much it saw so far."""

    def counts(self) -> dict[str, int]:
        """Return numbers for a person who watches; callable from any thread."""
        ...


@runtime_checkable
class Launching(Protocol):
    """A witness under which processes are started, so that it knows them without being told by them."""

    def launched_pid(self, role: str) -> int | None:
        """Return the pid of the process that runs as this role, None while there is none."""
        ...

    def own_connection(self, role: str) -> OwnConnection | None:
        """Return the connection that the process of this role made to itself, None where it made none."""
        ...
