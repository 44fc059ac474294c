"""One run: engine up, witnesses on, controls fired, scenes in order, log written, claims judged, page rendered."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from showcase import output_directory, runlog
from showcase.clock import RunClock, utc_now
from showcase.engine_room import EngineRoom
from showcase.environment import build
from showcase.errors import ExitCode, ShowcaseError
from showcase.evidence import Options, Platform, Policy, Run, Scenario, Session
from showcase.interruption import Interrupted, interruptible, uninterrupted
from showcase.scenes.tasks import Tasks
from showcase.witnesses import registry
from showcase.witnesses.decoy import DecoyListener
from showcase.witnesses.panel import CONTROL_ROLE, Decoy, Panel
from showcase.worker_process import Crew, WorkerProcess

if TYPE_CHECKING:
    from showcase.progress import Progress
    from showcase.settings import Settings

DECOY_PERIODS = 10
"""Sampling periods that the decoy's connection is held at least: a witness that misses it then cannot look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run left behind.

    Attributes:
        run: The log, with verdicts.
        run_log: Where it lies.
        sha256: Digest of that file.
        report: Where the page lies.
        earlier: Files of an earlier run that were kept under new names.
        trouble: What in the environment ended a session, if anything did.
    """

    run: Run
    run_log: Path
    sha256: str
    report: Path
    earlier: tuple[Path, ...]
    trouble: ShowcaseError | None

    @property
    def exit_code(self) -> ExitCode:
        """Exit status of the run."""
        from showcase.claims import exit_code  # noqa: PLC0415 - with the judging

        code = exit_code(self.run.claims)
        return ExitCode.ENVIRONMENT if self.trouble and code is not ExitCode.BROKEN else code


def run(settings: Settings, scenario: Scenario, progress: Progress) -> Outcome:
    """Conduct a whole run.

    Raises:
        ShowcaseError: Output directory, server or models cannot be used; nothing was planted and nothing of an
            earlier run was touched.
    """
    panel = Panel(registry.make(settings))
    with output_directory.claim(settings.out) as out:
        return Orchestrator(replace(settings, out=out), scenario, panel, progress).conduct()


class Orchestrator:
    """Conducts one run in an output directory that is ours."""

    def __init__(self, settings: Settings, scenario: Scenario, panel: Panel, progress: Progress) -> None:
        self.settings = settings
        self.scenario = scenario
        self.panel = panel
        self.progress = progress
        self.clock = RunClock()
        self.started_at = utc_now()
        self.run_id = str(uuid.uuid4())
        self.sessions: list[Session] = []
        self.controls: list[Session] = []
        self.decoy: Decoy | None = None
        self._workers: list[WorkerProcess] = []
        # Empty and ours: chromadb reads a `.env` file in the working directory.
        self._cwd = Path(tempfile.mkdtemp(prefix="showcase-"))
        self._environment, self.environment = build(mem0_home=settings.mem0_home)
        events = settings.events / f"{self.started_at[:19].replace('-', '').replace(':', '')}Z-{self.run_id[:8]}"
        events.mkdir(mode=0o700, parents=True)
        self._crew = Crew(
            settings=settings,
            clock=self.clock,
            panel=panel,
            progress=progress,
            environment=self._environment,
            cwd=self._cwd,
            events=events,
        )
        self.engine_room = EngineRoom(settings, environment=build()[0], cwd=self._cwd, progress=progress, panel=panel)

    def conduct(self) -> Outcome:
        """Play all scenes and write down what happened, also when it is interrupted."""
        interrupted = None
        threading.Thread(target=_import_ahead, daemon=True).start()
        self.panel.start(self.clock)
        try:
            with interruptible():
                self._play()
        except Interrupted as signal:
            interrupted = str(signal)
        except BaseException:
            with uninterrupted():
                self._clear_up()
                self.panel.stop(None)
            raise
        with uninterrupted():
            self._clear_up()
            return self._write_down(interrupted)

    def _play(self) -> None:
        room = self.engine_room
        room.look_for_server()
        room.start()
        first = self._spawn("session 1", 1, "plant", self.scenario.first.id)
        listener = DecoyListener()
        try:
            leak = self._spawn(CONTROL_ROLE, 0, "decoy", "")
            leak.play({"endpoint": {"address": listener.endpoint.address, "port": listener.endpoint.port}}, store=None)
            self.decoy = Decoy(endpoint=listener.endpoint, pid=leak.transcript.pid, listener_pid=os.getpid())
            connected = leak.wait_for("connected")
            held_from = time.monotonic()
            room.choose()
            if connected:
                held = DECOY_PERIODS * self.settings.sample_period_s
                time.sleep(max(0.0, held_from + held - time.monotonic()))
            leak.release()
            leak.finish()
        finally:
            listener.close()
        tasks = Tasks(settings=self.settings, scenario=self.scenario, choice=room.choice, endpoint=room.endpoint)
        if self._session(first, tasks.plant()):
            return
        self._recall_and_isolate(tasks)
        room.look_at_end()

    def _recall_and_isolate(self, tasks: Tasks) -> None:
        second = self._spawn("session 2", 2, "recall", self.scenario.first.id)
        with tempfile.TemporaryDirectory(prefix=".control-", dir=self.settings.out) as place:
            home = Path(place) / "mem0_home"
            home.mkdir(mode=0o700)
            empty = self._spawn("control empty-store", 1, "empty-store", self.scenario.first.id, mem0_home=home)
            empty.play(tasks.empty_store(Path(place) / "mem0_chroma", home), store=None)
            failed = self._session(second, tasks.recall())
            third = None if failed else self._spawn("session 3", 3, "second-user", self.scenario.second.id)
            self.controls.append(empty.finish())
        if third is None:
            return
        reader = self._spawn("control unfiltered-read", 2, "unfiltered-read", self.scenario.second.id)
        if not self._session(third, tasks.second_user()):
            reader.play(tasks.unfiltered_read(), store=self.settings.store)
            self.controls.append(reader.finish())

    def _session(self, worker: WorkerProcess, task: dict[str, object]) -> bool:
        """Play a session to its end; return whether it failed, so that what follows would prove nothing."""
        worker.play(task, store=self.settings.store)
        session = worker.finish()
        self.sessions.append(session)
        return session.exit_code != 0

    def _spawn(
        self, role: str, number: int, scene: str, user_id: str, *, mem0_home: Path | None = None
    ) -> WorkerProcess:
        environment = build(mem0_home=mem0_home)[0] if mem0_home else None
        worker = WorkerProcess(
            self._crew, role=role, number=number, scene=scene, user_id=user_id, environment=environment
        )
        self._workers.append(worker)
        return worker

    def _clear_up(self) -> None:
        for worker in self._workers:
            session = worker.end()
            unwritten = session.scene != "decoy" and session not in self.sessions and session not in self.controls
            if unwritten and worker.played:
                (self.sessions if worker.role.startswith("session ") else self.controls).append(session)
        self.engine_room.end()
        shutil.rmtree(self._cwd, ignore_errors=True)

    def _write_down(self, interrupted: str | None) -> Outcome:
        from showcase import claims, report  # noqa: PLC0415 - heavy, imported ahead while the sessions ran

        witnesses, connections = self.panel.stop(self.decoy)
        endpoint = self.engine_room.endpoint_or_none
        facts = Run(
            run_id=self.run_id,
            started_at=self.started_at,
            ended_at=utc_now(),
            duration_s=self.clock.now_s(),
            interrupted=interrupted,
            versions=_versions(),
            platform=_platform(),
            orchestrator_pid=os.getpid(),
            engine=self.engine_room.facts,
            scenario=self.scenario,
            options=Options(
                infer=self.settings.infer,
                top_k=self.settings.top_k,
                keep_store=self.settings.keep_store,
                witnesses=self.panel.names,
            ),
            policy=Policy(allowed=(endpoint,) if endpoint else ()),
            environment=self.environment,
            sessions=tuple(sorted(self.sessions, key=lambda item: item.number)),
            controls=tuple(sorted(self.controls, key=lambda item: item.number)),
            witnesses=witnesses,
            connections=connections,
        )
        earlier = output_directory.keep_earlier(self.settings.out)
        # Facts first, and safe on disk, before anybody judges them.
        runlog.write(facts, self.settings.run_log)
        judged = replace(facts, claims=claims.judge(facts))
        digest = runlog.write(judged, self.settings.run_log)
        runlog.write_private(self.settings.report, report.render(judged).encode())
        return Outcome(
            run=judged,
            run_log=self.settings.run_log,
            sha256=digest,
            report=self.settings.report,
            earlier=earlier,
            trouble=self._trouble(),
        )

    def _trouble(self) -> ShowcaseError | None:
        for worker in self._workers:
            transcript = worker.transcript
            if transcript.fault is not None and worker.exit_code == ExitCode.ENVIRONMENT:
                return ShowcaseError(f"{worker.role}: {transcript.fault.message}", hint=transcript.fault_hint)
        return None


def _versions() -> dict[str, str]:
    from importlib import metadata  # noqa: PLC0415 - only here

    from showcase import __version__  # noqa: PLC0415 - only here

    names = ("mem0ai", "chromadb", "ollama", "psutil", "posthog", "huggingface_hub", "httpx", "pydantic", "model2vec")
    found = {"local-memory-showcase": __version__}
    for name in names:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def _platform() -> Platform:
    import psutil  # noqa: PLC0415 - only here

    return Platform(
        system=platform.system(),
        release=platform.release(),
        machine=platform.machine(),
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        cpus=os.cpu_count(),
        memory_bytes=psutil.virtual_memory().total,
    )


def _import_ahead() -> None:
    """Import what the end of the run needs while the sessions keep us waiting."""
    from showcase import claims, report  # noqa: F401, PLC0415 - for the import alone

    runlog.json_schema()
