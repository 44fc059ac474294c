"""A model server that the run itself starts: an engine of ours or an Ollama, under the run's witnesses."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from showcase.documents import resources
from showcase.engines.engine_process import free_port
from showcase.errors import EngineError
from showcase.processes.table import UNTOLD, descendants
from showcase.witnesses.panel import ENGINE_ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.engines.embedded_engine import Runnable
    from showcase.engines.engine_process import EngineProcess
    from showcase.engines.started_ollama import StartedOllama
    from showcase.evidence import Endpoint
    from showcase.processes.worker_process import Crew


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An Ollama that can be started: the program's path, and where its models lie."""

    program: str
    models: Path


def look_for(program: str, port: int) -> Found:
    """Return what is needed to start an Ollama.

    Args:
        program: Its name or path.
        port: Where it is to listen, 0 for a free port.

    Raises:
        EngineError: There is no such program, or the port is taken.
        ModelError: There are no models for it.
    """
    from showcase.engines import started_ollama  # noqa: PLC0415 - heavy

    path = started_ollama.find(program)
    found = Found(program=path, models=started_ollama.models_directory(os.environ, resources.home()))
    started_ollama.check_port(port)
    return found


class OwnServer:
    """One server from its start to its end. Behind the seal, where there is one, callers come in by a door.

    Args:
        found: The Ollama to start, or the models that the embedded engine is to run; None for the rehearsal engine.
        crew: What it shares with the other processes of the run.
        environment: The environment of an engine of ours.

    Attributes:
        ready_s: When it was first known to answer, in run time.
        end_s: When it was ended.
        fault: Why what answered last may not have been this server, once that was looked at.
    """

    def __init__(self, found: Found | Runnable | None, *, crew: Crew, environment: Mapping[str, str]) -> None:
        self._panel = crew.panel
        self._clock = crew.clock
        self.ready_s = self.end_s = 0.0
        self.fault: str | None = None
        port = (crew.settings.ollama.port if isinstance(found, Found) else 0) or free_port()
        self._panel.admit(ENGINE_ROLE, port)
        self._server: EngineProcess | StartedOllama
        if not isinstance(found, Found):
            self._server = _own(found, environment=environment, cwd=crew.cwd, port=port, wrap=self._watched)
            return
        from showcase.engines.started_ollama import StartedOllama  # noqa: PLC0415 - heavy

        log = crew.events / "ollama-serve.log"
        unsealed = self._panel.absent.get("seal")
        walls = "sealed" if unsealed is None else f"without walls ({unsealed})"
        crew.progress.note(f"starting {found.program} serve for this run, {walls}; what it prints goes to {log}")
        self._server = StartedOllama(
            found.program,
            port=port,
            base=os.environ,
            models=found.models,
            cwd=crew.cwd,
            log=log,
            wrap=self._watched,
        )

    def _watched(self, command: Sequence[str]) -> Sequence[str]:
        return self._panel.wrap(ENGINE_ROLE, command)

    @property
    def port(self) -> int:
        """Where it listens, or will."""
        return self._server.port

    def wait_ready(self) -> Endpoint:
        """Return where it listens, once it does and every witness knows it.

        Raises:
            EngineError: It did not come up, or it is another program that answers.
        """
        endpoint = self._server.wait_ready()
        if not self._listens():
            raise EngineError(
                f"another program answers at {endpoint}, not the server that was started",
                hint="leave out --ollama-host for a free port",
            )
        for role, pid in self._processes():
            self._panel.enter(role, pid)
        self.ready_s = self._clock.now_s()
        return endpoint

    def look_at_end(self) -> str | None:
        """Return why what answered last may not have been this server, None where it was; once, before `end`."""
        self.fault = self._server.death
        if self.fault is None and not self._listens():
            self.fault = f"at the end no process of it listened at port {self.port}: another may have answered there"
        return self.fault

    def _listens(self) -> bool:
        """Return whether a process of it waits at its port. Behind the seal's door nobody else can."""
        if "seal" in self._panel.names:
            return True
        for pid in (self._server.spawned_pid, *(process.pid for process in descendants(self._server.spawned_pid))):
            with contextlib.suppress(*UNTOLD):
                for row in psutil.Process(pid).net_connections(kind="tcp"):
                    if row.status == psutil.CONN_LISTEN and row.laddr.port == self.port:
                        return True
        return False

    def end(self) -> None:
        """End it."""
        self.end_s = self._clock.now_s()
        self._server.end()
        for role, pid in self._processes():
            self._panel.leave(role, pid)

    def _processes(self) -> list[tuple[str, int]]:
        pids = [(ENGINE_ROLE, self._server.pid)]
        if self._server.spawned_pid != self._server.pid:  # what was spawned is the supervisor that watches it
            pids.append((f"supervisor of {ENGINE_ROLE}", self._server.spawned_pid))
        return pids


def _own(
    models: Runnable | None,
    *,
    environment: Mapping[str, str],
    cwd: Path,
    port: int,
    wrap: Callable[[Sequence[str]], Sequence[str]],
) -> EngineProcess:
    """Start an engine of ours: one that runs these models, else the rehearsal engine."""
    if models is None:
        from showcase.engines.rehearsal_engine import RehearsalEngine  # noqa: PLC0415 - the other may be meant

        return RehearsalEngine(environment=environment, cwd=cwd, port=port, wrap=wrap)
    from showcase.engines.embedded_engine import EmbeddedEngine  # noqa: PLC0415 - likewise

    return EmbeddedEngine(models, environment=environment, cwd=cwd, port=port, wrap=wrap)
