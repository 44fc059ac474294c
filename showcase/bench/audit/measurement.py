"""The benchmark: planted connections, connects, starts, watchers and whole runs, each sample by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.bench.audit import adding, figures
from showcase.bench.audit.caught import caught
from showcase.bench.audit.plan import LOOKING, SAID, Plan
from showcase.bench.audit.sample import Taken
from showcase.bench.audit.samplers import PERIOD_S
from showcase.bench.audit.watchers import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from showcase.bench.results.result import EngineUsed, Scalar, Section


@dataclass(frozen=True, slots=True)
class Audit:
    """`showcase bench audit`; fulfils `bench.results.interface.Measurement`."""

    plan: Plan

    @property
    def bench(self) -> str:
        """Its name."""
        return "audit"

    @property
    def question(self) -> str:
        """What it settles."""
        return "Which connections does each watcher catch, and what does watching cost the program that is watched?"

    @property
    def sample(self) -> type[Taken]:
        """What a step gives."""
        return Taken

    @property
    def arms(self) -> Mapping[str, str]:
        """What is compared."""
        return {arm: SAID[arm] for arm in self.plan.arms()}

    @property
    def settings(self) -> Mapping[str, Scalar]:
        """All that decides what a sample is."""
        plan = self.plan
        return {
            "planted": plan.planted,
            "connects": plan.connects,
            "rounds": plan.rounds,
            "starts": plan.starts,
            "seconds": float(plan.seconds),
            "pairs": plan.pairs,
            "period_ms": round(PERIOD_S * 1000),
            "skipped": ", ".join(plan.missing) or None,
        }

    @property
    def engine(self) -> EngineUsed | None:
        """None: a whole run starts a rehearsal engine of its own, and what it answers is not measured."""
        return None

    @property
    def temperature(self) -> tuple[str, ...]:
        """What is cold and what is warm."""
        told = "Each process that connects is started for its sample alone; its first connect is among those timed."
        if not self.plan.pairs:
            return (told,)
        return (told, "One whole run of each kind goes before, untimed: libraries are in the system's memory.")

    @property
    def cannot_tell(self) -> tuple[str, ...]:
        """What the figures say nothing about."""
        return (
            "What a look in intervals catches where other processes of the machine have many connections.",
            "What watching costs a program that does something else than connecting; files and names cost otherwise.",
            "What a connection over a network takes: these go to this machine, where watching weighs most.",
        )

    def steps(self) -> tuple[str, ...]:
        """Return all steps."""
        return self.plan.steps()

    def warm_up(self) -> None:
        """Run each kind of whole run once, where any is to be timed."""
        if self.plan.pairs:
            from showcase.bench.audit import flow  # noqa: PLC0415 - heavy, and the other measures do without

            flow.whole(())
            flow.bare()
            flow.whole(None)

    def take(self, step: str, *, doing: Callable[[str], None]) -> Taken:
        """Take one sample."""
        doing("watching")
        kind, arm, *rest = step.split("/")
        if kind == "caught":
            return Taken(caught=caught(int(arm), self.plan.planted, self.plan.there(LOOKING)))
        if kind == "connect":
            return Taken(connects=adding.connects(arm, self.plan.connects))
        if kind == "start":
            return Taken(spent=adding.start(arm))
        if kind == "watch":
            return Taken(spent=watched(rest[0], int(arm), self.plan.seconds))
        from showcase.bench.audit import flow  # noqa: PLC0415 - heavy, and the other measures do without

        if arm == "bare":
            return Taken(spent=flow.bare())
        return Taken(spent=flow.whole(() if arm == "unwatched" else None))

    def sections(self, samples: Mapping[str, Taken]) -> tuple[Section, ...]:
        """Return the figures."""
        return figures.sections(self.plan, samples)
