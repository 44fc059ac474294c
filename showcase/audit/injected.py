"""Witness `hook` for any command: the hook travels into its Python children on PYTHONPATH, their code untouched."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents import leftovers, reading
from showcase.evidence import Attempt, Coverage, WitnessReport
from showcase.processes.protocol.seen import Attempted, Hooked, Unreadable
from showcase.processes.protocol.wire import read_event
from showcase.witnesses import recorder, unseen
from showcase.witnesses.interface import Testimony
from showcase.witnesses.panel import CONTROL_ROLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from showcase.clock import RunClock
    from showcase.processes.protocol.events import Event

INJECTED = Path(__file__).parent / "inject"

MOST_BYTES = 64 * 1024 * 1024
"""Of what one process recorded: some 300,000 calls."""


class InjectedHook:
    """Gathers what Python processes of the command recorded in themselves.

    Args:
        roles: Roles whose processes get the hook.
    """

    name = "hook"

    def __init__(self, roles: Sequence[str]) -> None:
        self._clock: RunClock | None = None
        self._directories: dict[str, Path] = {}
        self._roles = tuple(roles)
        self._started_s = 0.0

    def unavailable(self) -> str | None:
        """Never: where no Python runs, it says that it saw none."""
        return None

    def start(self, clock: RunClock) -> None:
        """Make the private directories that the processes write to."""
        self._clock = clock
        self._started_s = clock.now_s()
        for role in self._roles:
            self._directories[role] = leftovers.make("showcase-hook-")

    def variables(self, role: str, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the variables that carry the hook; what PYTHONPATH had is kept behind ours."""
        if role not in self._directories:
            return {}
        before = environment.get("PYTHONPATH")
        return {
            "PYTHONPATH": os.pathsep.join([str(INJECTED), before] if before else [str(INJECTED)]),
            "SHOWCASE_AUDIT_EVENTS": str(self._directories[role]),
            "SHOWCASE_AUDIT_RECORDER": recorder.__file__,
        }

    def wrap(self, role: str, command: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002 - see `Witness`
        """Return the command unchanged: the environment carries the hook."""
        return tuple(command)

    def enter(self, role: str, pid: int) -> None:
        """Nothing: a process that carries the hook says so itself."""

    def heard(self, role: str, pid: int, event: Event) -> None:
        """Nothing: what processes say is read at the end."""

    def leave(self, role: str, pid: int) -> None:
        """Nothing: likewise."""

    def stop(self) -> Testimony:
        """Read what was written and say in how many processes the hook was."""
        taken = False
        attempts: list[Attempt] = []
        coverage: list[Coverage] = []
        counts: Counter[str] = Counter(attempts=0, processes=0, unreadable=0)
        for role, directory in self._directories.items():
            events = list(_read(directory))
            rows = [self._attempt(role, each) for each in events if isinstance(each, Attempted) and _names(each)]
            hooked = {each.pid for each in events if isinstance(each, Hooked)}
            attempts += rows
            taken = taken or (bool(hooked) and role != CONTROL_ROLE)
            counts["attempts"] += len(rows)
            counts["processes"] += len(hooked)
            counts["unreadable"] += sum(isinstance(each, Unreadable) for each in events)
            whom = "one Python process" if len(hooked) == 1 else f"{len(hooked)} Python processes"
            note = f"it was in {whom} and names packages; in an audit no verdict rests on it"
            coverage.append(Coverage(role=role, from_s=None, until_s=None, complete=False, note=note))
            shutil.rmtree(directory, ignore_errors=True)
        report = WitnessReport(
            name=self.name,
            active=taken,
            reason="" if taken else "no Python process of the command took the hook",
            started_s=self._started_s,
            ended_s=self._clock.now_s() if self._clock else 0.0,
            counts=dict(counts),
            coverage=tuple(coverage),
            unseen=unseen.texts(unseen.INJECTED_HOOK),
        )
        return Testimony(report=report, attempts=tuple(attempts))

    def _attempt(self, role: str, event: Attempted) -> Attempt:
        assert self._clock is not None, "stop() follows start()"  # noqa: S101 - the interface's contract
        moment = self._clock.at_s(event.t)
        return Attempt(
            kind=event.kind,
            family=event.family,
            # A lookup has no address here: only who saw it leave can say which server it went to.
            address=None if event.kind == "lookup" else event.address,
            port=event.port,
            name=event.name,
            transport=event.transport,
            pid=event.pid,
            process="python",
            role=role,
            package=event.package or None,
            first_seen_s=moment,
            last_seen_s=moment,
            count=1,
            witnesses=(self.name,),
        )


def _names(event: Attempted) -> bool:
    return event.pid is not None


def _read(directory: Path) -> Iterator[Event]:
    """Return what was written; what the command itself may have put there is passed over.

    It can put anything there: a pipe that nobody writes to, a link to an endless device, a line that nests without end.
    """
    for path in sorted(directory.glob("*.jsonl")):
        try:
            lines = reading.read(path, limit=MOST_BYTES, files_only=True).splitlines()
        except reading.UnreadableError:
            yield Unreadable()
            continue
        yield from map(read_event, lines)
