"""What the showcase costs: a whole run against the same mem0 calls in three bare processes on the same engine."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase import orchestrator
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

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Seconds of each pair, and the median of the ratios pair by pair."""

    bare_s: tuple[float, ...]
    showcase_s: tuple[float, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """Showcase / bare, pair by pair: the machine's mood touches both of a pair."""
        return tuple(whole / bare for whole, bare in zip(self.showcase_s, self.bare_s, strict=True))

    @property
    def ratio(self) -> float:
        """Their median."""
        return statistics.median(self.ratios)


def compare(pairs: int) -> Comparison:
    """Run both, in turn, `pairs` times after one warm-up.

    Raises:
        ShowcaseError: A process of the bare flow failed.
    """
    bare, whole = [], []
    for number in range(pairs + 1):
        bare_s, whole_s = _timed(_bare_flow), _timed(_whole_run)
        if number:
            bare.append(bare_s)
            whole.append(whole_s)
    return Comparison(bare_s=tuple(bare), showcase_s=tuple(whole))


def _timed(flow: object) -> float:
    assert callable(flow)  # noqa: S101 - a private function's argument
    began = time.perf_counter()
    with temporary("showcase-bench-") as place:
        flow(place)
        return time.perf_counter() - began


def _whole_run(place: Path) -> None:
    orchestrator.run(Settings(out=place / "out", engine="rehearsal"), scenario.read(), Silence())


def _bare_flow(place: Path) -> None:
    settings = Settings(out=place, engine="rehearsal")
    environment, _ = build(mem0_home=settings.mem0_home)
    engine = RehearsalEngine(environment=environment, cwd=place)
    gate = OllamaGate(engine.wait_ready())
    try:
        choice = choose_models(gate, kind="rehearsal", why="bench", embed=EMBED_MODEL, chat=CHAT_MODEL)
        tasks = Tasks(settings=settings, scenario=scenario.read(), choice=choice, endpoint=gate.endpoint)
        for task in (tasks.plant(), tasks.recall(), tasks.second_user()):
            done = subprocess.run(
                [sys.executable, "-m", "showcase.bench.bare_session"],
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
