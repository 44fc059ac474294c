"""One worker as the orchestrator handles it: spawned under the witnesses, ordered, reaped, written down."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from showcase import __version__
from showcase.clock import RunClock, utc_now
from showcase.errors import ExitCode, ShowcaseError, UsageError
from showcase.evidence import Fault
from showcase.processes.child import Child
from showcase.processes.protocol.events import Spawned, Waiting
from showcase.processes.protocol.orders import GoOn, Prepare
from showcase.processes.protocol.wire import read_event, write_order
from showcase.processes.table import ProcessFact, look_up
from showcase.processes.transcript import Transcript
from showcase.progress import Progress
from showcase.progress.model_wait import ModelWait
from showcase.settings import Settings, longer
from showcase.shell.advice import quoted
from showcase.witnesses.panel import Panel

if TYPE_CHECKING:
    from showcase.evidence import Session, StoreState
    from showcase.processes.protocol.events import Event
    from showcase.processes.protocol.orders import Scene, Task

EXIT_GRACE_S = 15.0
"""Retries of telemetry from `atexit` were seen to take up to 7 s."""

SPAWN_TIMEOUT_S = 30.0
"""For a Python that starts and imports nothing but its own standard library."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """What all workers of a run share."""

    settings: Settings
    clock: RunClock
    panel: Panel
    progress: Progress
    environment: Mapping[str, str]
    cwd: Path
    events: Path


class WorkerProcess:
    """A worker from its spawn to its facts.

    Args:
        crew: What it shares with the others.
        role: What it is called in the log's connections.
        number: Its number in its list.
        scene: What it will play.
        user_id: As whom.
        environment: Its environment where it differs from the crew's.
    """

    def __init__(
        self,
        crew: Crew,
        *,
        role: str,
        number: int,
        scene: Scene,
        user_id: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.role = role
        self._crew = crew
        self._seen: ProcessFact | None = None
        self._pid: int | None = None
        self._look: Callable[[], StoreState | None] | None = None
        self._before: StoreState | None = None
        self._session: Session | None = None
        self.played = False
        self.waits = False
        """Whether it waits for its turn at the model server."""
        self.timed_out = False
        self._scene = scene
        self._wait = ModelWait()
        self._doing = ""
        file = crew.events / f"{role.replace(' ', '-')}.jsonl"
        self.transcript = Transcript(
            number=number,
            scene=scene,
            user_id=user_id,
            started_at=utc_now(),
            started_s=crew.clock.now_s(),
            events_file=file.relative_to(crew.settings.out).as_posix(),
        )
        worker = crew.settings.worker
        entry = [worker] if worker.endswith(".py") else ["-m", worker]
        command = [sys.executable, *entry, "--role", role, "--events", str(file)]
        if "hook" not in crew.panel.names:
            command.append("--no-hook")
        self._spawned = threading.Event()
        self._child = Child(
            crew.panel.wrap(role, command),
            environment=crew.environment if environment is None else environment,
            cwd=crew.cwd,
            read=read_event,
            on_event=self._on_event,
        )
        self._spawned.set()
        self._deadline = time.monotonic() + crew.settings.session_timeout_s

    def _on_event(self, event: Event) -> None:
        self._spawned.wait()  # a child may speak before whoever spawned it has hold of it
        self.transcript.hear(event, self._crew.clock)
        self.waits = self.waits or isinstance(event, Waiting)
        self._wait.hear(event)
        self._crew.panel.heard(self.role, self.pid, event)
        self._crew.progress.event(self.role, event)

    def enter(self) -> None:
        """Let the process import, once the process table and every witness know it."""
        if self._wait_for(Spawned, min(self._deadline, time.monotonic() + SPAWN_TIMEOUT_S)) and not self._is_foreign():
            said = self.transcript.pid or self._child.pid
            launched = self._crew.panel.launched_pid(self.role)
            self._seen = look_up(said)
            is_it = launched == said if launched is not None else self._seen is None or self._descends(self._seen)
            if not is_it:
                self.transcript.fault = Fault(kind="identity", message=f"it says it is pid {said}, which is another's")
                self._seen = look_up(launched or self._child.pid)
            pid = self._pid = (launched or self._child.pid) if not is_it else said
            self._crew.panel.enter(self.role, pid)
            if pid != self._child.pid:  # what was spawned is the supervisor that watches it
                self._crew.panel.enter(f"supervisor of {self.role}", self._child.pid)
            self._child.order(write_order(Prepare(scene=self._scene)))

    def _is_foreign(self) -> bool:
        """Return whether the process is of another version of this program; it is told nothing, and ends."""
        version = self.transcript.version
        if version == __version__:
            return False
        said = f"version {version}" if version else "a version that does not say which"
        self.transcript.fault = Fault(
            kind="version", message=f"it is {said} of this program, and this is {__version__}"
        )
        self._child.close_stdin()
        return True

    def _descends(self, seen: ProcessFact) -> bool:
        return self._child.pid in (seen.pid, *seen.ancestors)

    @property
    def pid(self) -> int:
        """The process's pid: as its supervisor or the process table has it, before that the one that was spawned."""
        return self._child.pid if self._pid is None else self._pid

    @property
    def ended_s(self) -> float | None:
        """When it ended, in the run's time; None while that is not known."""
        ended_at = self._child.ended_at
        return None if ended_at is None else self._crew.clock.at_s(ended_at)

    def _wait_for(self, kind: type[Event], deadline: float) -> bool:
        while True:
            try:
                event = self._child.next_event(deadline - time.monotonic())
            except TimeoutError:
                return False
            if event is None:
                return False
            if isinstance(event, kind):
                return True

    def wait_for(self, kind: type[Event]) -> bool:
        """Wait for an event of this kind; False where the process ended or its time was up before."""
        return self._wait_for(kind, self._deadline)

    def play(self, task: Task, *, look: Callable[[], StoreState | None] | None) -> None:
        """Order the process to play its scene.

        Args:
            task: What to do.
            look: Where given, tells the state of the store, which before and after the scene is part of the facts.
        """
        self.played = True
        self._look = look
        self._before = look() if look else None
        self._deadline = time.monotonic() + self._crew.settings.session_timeout_s
        self._child.order(write_order(task))

    def release(self, *, ask: bool | None = None) -> None:
        """Tell a process that waits in its scene to go on.

        Args:
            ask: Whether one that waits for its turn may ask the model server. It gives up by itself when its time is
                up, and is not killed for that: what it said before it asked shall count.
        """
        self.waits = False
        limit_s = self._crew.settings.session_timeout_s
        more_s = {None: limit_s, True: limit_s + EXIT_GRACE_S, False: EXIT_GRACE_S}[ask]
        self._deadline = time.monotonic() + more_s
        self._child.order(write_order(GoOn(ask=ask)))

    def finish(self) -> Session:
        """Wait for the end, kill the process when its time is up, and return the facts."""
        while True:
            try:
                event = self._child.next_event(self._deadline - time.monotonic())
            except TimeoutError:
                self.timed_out = True
                self._doing = self._wait.doing() or "it waited for no answer of the model server"
                break
            if event is None:
                break
        return self.end()

    def end(self) -> Session:
        """End the process where it still lives, and return the facts. Safe to call twice."""
        if self._session is None:
            code = self._child.reap(self._grace())
            if code is None:
                code = self._child.end()
            ended_s = self._crew.clock.now_s() if self.ended_s is None else self.ended_s
            pid = self.pid
            self._crew.panel.leave(self.role, pid)
            if pid != self._child.pid:
                self._crew.panel.leave(f"supervisor of {self.role}", self._child.pid)
            self._session = self.transcript.session(
                seen=self._seen,
                ended_s=ended_s,
                exit_code=code,
                store_before=self._before,
                store_after=self._look() if self._look else None,
            )
            self._crew.progress.ended(self.role, code)
        return self._session

    def _grace(self) -> float:
        """Seconds to let the process end by itself: all if it closed its pipe, none if its time is up."""
        return EXIT_GRACE_S if self._child.silent.is_set() else 0.0

    @property
    def exit_code(self) -> int | None:
        """Exit status, None while it lives."""
        return self._child.exit_code

    @property
    def trouble(self) -> ShowcaseError | None:
        """What a person can do something about, where that ended this process early."""
        fault, hint = self.transcript.fault, self.transcript.fault_hint
        if self.timed_out:
            limit_s = self._crew.settings.session_timeout_s
            return ShowcaseError(
                f"{self.role} took longer than {limit_s:g} s and was killed: {self._doing}; {self.transcript.so_far}",
                hint=longer(limit_s),
            )
        if fault is not None and fault.kind == "version":
            python = quoted(Path(sys.executable))
            return ShowcaseError(
                f"{self.role}: {fault.message}: it was installed anew meanwhile, or Python finds two",
                hint=f"run again; if it stays so, see which one Python finds: {python} -m showcase --version",
            )
        if fault is None or self.exit_code not in (ExitCode.ENVIRONMENT, ExitCode.USAGE):
            return None
        kind = UsageError if self.exit_code == ExitCode.USAGE else ShowcaseError
        return kind(f"{self.role}: {fault.message}", hint=hint)

    @property
    def stderr(self) -> tuple[str, ...]:
        """The last lines it wrote to stderr."""
        return tuple(self._child.stderr)
