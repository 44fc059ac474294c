"""Conducts a run, or one phase of it: engine, witnesses, their controls, and the sessions in order."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.clock import RunClock, utc_now
from showcase.documents.leftovers import temporary
from showcase.engines.room import EngineRoom
from showcase.errors import ShowcaseError
from showcase.evidence import LeakTrial, Options, Run, Scenario, Session, Storage
from showcase.orchestrator import forgetting, output_directory, pausing, phases, preflight, store_under_test
from showcase.orchestrator.controls import Controls
from showcase.orchestrator.leak import PlantedLeak
from showcase.orchestrator.outcome import Outcome, import_ahead, this_platform, versions, write_down
from showcase.orchestrator.servers_beside import ServersBeside
from showcase.orchestrator.short_drill import ShortDrill
from showcase.processes import orphans
from showcase.processes.environment import build
from showcase.processes.interruption import Interrupted, Interruption, interruption
from showcase.processes.protocol import wire
from showcase.processes.protocol.events import Holding
from showcase.processes.worker_process import Crew, WorkerProcess
from showcase.scenes.tasks import SESSION_SCENES, Tasks, languages_of, users_of
from showcase.shell.advice import run_command
from showcase.witnesses import registry
from showcase.witnesses.panel import CONTROL_ROLE, Panel

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.orchestrator.store_under_test import StoreUnderTest
    from showcase.processes.protocol.orders import Scene
    from showcase.progress import Progress
    from showcase.settings import Settings


def run(settings: Settings, scenario: Scenario, progress: Progress) -> Outcome:
    """Conduct a whole run, or the one phase of it that the settings ask for.

    Raises:
        ShowcaseError: Output directory, server or models cannot be used; nothing was planted and nothing of an
            earlier run was touched.
    """
    preflight.check()
    store_under_test.check(settings)
    panel = Panel(registry.make(settings))
    if settings.seal == "on" and "seal" in panel.absent:
        raise ShowcaseError(
            f"the workers cannot be sealed here: {panel.absent['seal']}",
            hint=f"run without walls where there can be none: {run_command(settings, seal='auto')}",
        )
    try:
        with output_directory.claim(settings.out) as out, store_under_test.claimed(settings, out) as store:
            settings = replace(settings, out=out)
            log = phases.earlier(settings, scenario, store)
            progress.begin(users_of(scenario, settings), panel.counts)
            storage = preflight.told_of(settings, store.place, out, progress)
            for remark in (*output_directory.remarks(out, storage), *preflight.told_of_store(store, panel)):
                progress.note(remark)
            return Orchestrator(settings, scenario, panel, progress, log=log, storage=storage, store=store).conduct()
    finally:
        progress.end()
        orphans.let_go()  # nothing of the run is left; what is started now, such as a browser, is not ours to end


class Orchestrator:
    """Conducts one run in an output directory that is ours."""

    def __init__(
        self,
        settings: Settings,
        scenario: Scenario,
        panel: Panel,
        progress: Progress,
        *,
        log: Run | None,
        storage: Storage,
        store: StoreUnderTest,
    ) -> None:
        self.settings = settings
        self.scenario = scenario
        self.panel = panel
        self.progress = progress
        self.log = log
        self.storage = storage
        self.store = store
        self._began_at = time.time()
        self.clock = RunClock(time.monotonic() - phases.begins_at_s(log))
        self.started_at = utc_now()
        self.run_id = str(uuid.uuid4())
        self.sessions: list[Session] = []
        self._leak: PlantedLeak | None = None
        self._workers: list[WorkerProcess] = []
        self._controls = Controls()
        self._drill: ShortDrill | None = None
        self._forgetting = forgetting.Scene()
        self._trials: tuple[LeakTrial, ...] = ()
        self._signals = Interruption()
        self._places = ExitStack()
        # Empty and ours: chromadb reads a `.env` file in the working directory.
        self._cwd = self._places.enter_context(temporary("showcase-run-"))
        self._environment, self.environment = build(mem0_home=store.place.home)
        self._crew = Crew(
            settings=settings,
            clock=self.clock,
            panel=panel,
            progress=progress,
            environment=self._environment,
            cwd=self._cwd,
            events=output_directory.new_events(settings, self.started_at, self.run_id),
        )
        self.engine_room = EngineRoom(self._crew, environment=build()[0], languages=languages_of(scenario))
        self._servers = ServersBeside(self.engine_room, store)

    def conduct(self) -> Outcome:
        """Play all scenes and write down what happened, also when it is interrupted."""
        interrupted = None
        with interruption() as self._signals:
            try:
                orphans.adopt()
                self.panel.start(self.clock)
                with self._signals.raised():
                    self._play()
            except Interrupted as signal:
                interrupted = str(signal)
                self.progress.note(f"interrupted ({interrupted}): ending the processes and writing down what was seen")
            except BaseException:
                self._clear_up()
                self.panel.stop(None)
                self._servers.stop()
                orphans.end(self._began_at)
                raise
            self._clear_up()
            facts = self._facts(interrupted)
            orphans.end(self._began_at)
            if self.settings.phase is not None:
                facts = phases.add(self.log, facts, self.settings.phase)
            return write_down(facts, self.settings, self._trouble())

    def _play(self) -> None:
        room = self.engine_room
        room.look_for_server()
        self._servers.start(self.clock)
        with self._signals.deferred():
            room.start()
        self.panel.bridge(*self._servers.ports)
        wire.prepare()  # in one thread: two that import may wait for each other, see CPython's issue 82272
        numbers = (1, 2, 3) if self.settings.phase is None else (self.settings.phase,)
        worker = self._spawn_session(numbers[0])
        with self._signals.deferred():
            if self.settings.drill:
                self._drill = ShortDrill(environment=build()[0], cwd=self._cwd, panel=self.panel)
        import_ahead()  # a library of a session could rewrite what is imported later
        self._plant_leak()
        phases.check_engine(self.log, room.choice, self.settings)
        tasks = Tasks(
            settings=self.settings,
            scenario=self.scenario,
            choice=room.choice,
            endpoint=room.endpoint,
            place=self.store.place,
        )
        failed = False
        for number in numbers:
            if number != numbers[0]:
                worker = self._spawn_session(number)
            failed = self._play_session(number, worker, tasks, left=numbers[-1] - number)
            if failed:
                break
        self._controls.finish(ask=not failed)
        if self.settings.forget is not None and not failed:
            for session in self._forgetting.play(self._spawn_session, tasks, self.store.look):
                self.sessions.append(session)
        room.look_at_end()
        self._trials = self._drill.trials() if self._drill else ()

    def _plant_leak(self) -> None:
        """Let a process of ours leak to a decoy of ours, for every witness to catch."""
        worker = self._spawn(CONTROL_ROLE, 0, "decoy", "")
        with self._signals.deferred():
            self._leak = PlantedLeak(worker, self.panel, sample_period_s=self.settings.sample_period_s)
        self._leak.begin()
        self.engine_room.choose()
        self._leak.finish()

    def _play_session(self, number: int, worker: WorkerProcess, tasks: Tasks, *, left: int) -> bool:
        """Play a session and its control; return whether it failed, so that what follows would prove nothing."""
        reader = None
        if number == 2:  # noqa: PLR2004 - the session that recalls
            self._play_empty_store(tasks)
        if number == 3:  # noqa: PLR2004 - the session of the second user
            reader = self._spawn("control unfiltered-read", 2, "unfiltered-read", self.scenario.second.id)
        worker.play(tasks.session(number), look=self.store.look)
        if self.settings.step and worker.wait_for(Holding):
            self._pause(worker, left=left, alive=True)
            worker.release()
        session = worker.finish()
        self.sessions.append(session)
        if number > 1 and (why := phases.why_nothing(session, self.settings, self.store)):
            self.progress.note(why)
        failed = session.exit_code != 0
        if reader is not None and not failed:
            reader.play(tasks.unfiltered_read(), look=self.store.look)
            self._controls.add(reader)
        if self.settings.step and not failed:
            self._pause(worker, left=left, alive=False)
        return failed

    def _play_empty_store(self, tasks: Tasks) -> None:
        place = self._places.enter_context(temporary(".control-", self.settings.out))
        home = place / "mem0_home"
        # A copy, so that the store alone is missing: what mem0 kept beside it must not recall either.
        shutil.copytree(self.store.place.home, home)
        self._forgetting.copies.append(home)
        empty = self._spawn("control empty-store", 1, "empty-store", self.scenario.first.id, mem0_home=home)
        empty.play(tasks.empty_store(self.store.without_rows(place / "mem0_chroma", home)), look=None)
        self._controls.add(empty)

    def _pause(self, worker: WorkerProcess, *, left: int, alive: bool) -> None:
        self.progress.pause(pausing.moment(worker, self.store, self.engine_room.endpoint, left=left, alive=alive))

    def _spawn_session(self, number: int) -> WorkerProcess:
        user = self.scenario.second if number == 3 else self.scenario.first  # noqa: PLR2004 - the second user's
        return self._spawn(f"session {number}", number, SESSION_SCENES[number], user.id)

    def _spawn(
        self, role: str, number: int, scene: Scene, user_id: str, *, mem0_home: Path | None = None
    ) -> WorkerProcess:
        environment = build(mem0_home=mem0_home)[0] if mem0_home else self._environment
        if scene != "decoy":  # which opens no store
            environment = {**environment, **self.store.handed_over()}
        with self._signals.deferred():
            worker = WorkerProcess(
                self._crew, role=role, number=number, scene=scene, user_id=user_id, environment=environment
            )
            self._workers.append(worker)
        worker.enter()
        return worker

    def _clear_up(self) -> None:
        self._controls.excuse()
        over = self._controls.over
        for worker in self._workers:
            session = worker.end()
            unwritten = session.scene != "decoy" and session not in self.sessions and session not in over
            if unwritten and worker.played:
                (self.sessions if worker.role.startswith("session ") else over).append(session)
        if self._leak is not None:
            self._leak.close()
        self.engine_room.end()
        if (stays := self.store.clear()) is not None:
            self.progress.note(stays)
        if self._drill is not None:
            self._drill.end()
        self._places.close()

    def _facts(self, interrupted: str | None) -> Run:
        witnesses, connections = self.panel.stop(self._leak.decoy if self._leak else None)
        room, endpoint = self.engine_room, self.engine_room.endpoint_or_none
        daemons, store = self._servers.daemons(connections), self.store.fact()
        return Run(
            run_id=self.run_id,
            started_at=self.started_at,
            ended_at=utc_now(),
            duration_s=self.clock.now_s(),
            interrupted=interrupted,
            versions=versions(),
            platform=this_platform(),
            orchestrator_pid=os.getpid(),
            engine=room.facts,
            scenario=self.scenario,
            options=Options(
                infer=self.settings.infer,
                top_k=self.settings.top_k,
                keep_store=self.settings.keep_store,
                witnesses=self.panel.names,
                forget=self.settings.forget,
            ),
            policy=self.store.policy(endpoint),
            environment=self.environment,
            sessions=tuple(sorted(self.sessions, key=lambda item: item.number)),
            controls=tuple(sorted(self._controls.over, key=lambda item: item.number)),
            witnesses=witnesses,
            connections=connections,
            storage=self.storage,
            drill=self._trials,
            daemons=daemons,
            forgetting=self._forgetting.facts(),
            store=store,
        )

    def _trouble(self) -> ShowcaseError | None:
        return next((trouble for worker in self._workers if (trouble := worker.trouble) is not None), None)
