"""What the showcase costs: a whole run against the same mem0 calls in three bare processes on the same engine."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from showcase import orchestrator
from showcase.bench.audit.playing import timed
from showcase.documents.leftovers import temporary
from showcase.engines.discovery import choose_models
from showcase.engines.ollama import OllamaGate
from showcase.engines.rehearsal_engine import CHAT_MODEL, EMBED_MODEL, RehearsalEngine
from showcase.errors import ShowcaseError
from showcase.processes.environment import build
from showcase.processes.protocol.orders import Prepare
from showcase.processes.protocol.wire import write_order
from showcase.progress import Silence
from showcase.scenes import scenario
from showcase.scenes.tasks import Tasks
from showcase.settings import Settings
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.bench.audit.sample import Spent


def whole(witnesses: tuple[str, ...] | None) -> Spent:
    """Take the time of a whole run on the rehearsal engine, with these witnesses; None is every one."""
    with temporary("showcase-bench-") as place, timed() as timing:
        settings = Settings(out=place / "out", engine="rehearsal", witnesses=witnesses)
        orchestrator.run(settings, scenario.read(), Silence())
    return timing.spent


def bare() -> Spent:
    """Take the time of the same mem0 calls in three processes without the showcase.

    Raises:
        ShowcaseError: A process failed.
    """
    with temporary("showcase-bench-") as place, timed() as timing:
        _bare_flow(place)
    return timing.spent


def _bare_flow(place: Path) -> None:
    settings = Settings(out=place, engine="rehearsal")
    environment, _ = build(mem0_home=settings.mem0_home)
    engine = RehearsalEngine(environment=environment, cwd=place)
    gate = OllamaGate(engine.wait_ready())
    try:
        choice = choose_models(gate, kind="rehearsal", why="bench", embed=EMBED_MODEL, chat=CHAT_MODEL)
        tasks = Tasks(
            settings=settings, scenario=scenario.read(), choice=choice, endpoint=gate.endpoint, place=store_place(place)
        )
        for task in (tasks.plant(), tasks.recall(), tasks.second_user()):
            done = subprocess.run(
                [sys.executable, "-m", "showcase.bench.audit.bare_session"],
                input=f"{write_order(Prepare(scene=task.order))}\n{write_order(task)}\n",
                text=True,
                capture_output=True,
                env=environment,
                cwd=place,
                check=False,
            )
            if done.returncode:
                last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
                raise ShowcaseError(
                    f"the bare {task.order} failed: {last[0]}",
                    hint="see whether a whole run works: showcase run --engine rehearsal --out bench-check",
                )
    finally:
        gate.close()
        engine.end()
