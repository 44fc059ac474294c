"""A measurement that counts: enough to be interrupted, resumed and shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.bench.results.intervals import SPREAD, median
from showcase.bench.results.result import Column, EngineUsed, Row, Scalar, Section, Table
from showcase.evidence.fact import Fact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Fact):
    arm: str
    number: int


@dataclass(slots=True, kw_only=True)
class Counting:
    """Two arms, in turn; `before` is called before each sample and may raise."""

    rounds: int = 3
    engine: EngineUsed | None = None
    before: Callable[[str], None] = lambda _: None
    bench: str = "counting"
    question: str = "How far does one count?"
    sample: type[Count] = Count
    temperature: tuple[str, ...] = ("All is warm.",)
    cannot_tell: tuple[str, ...] = ("Nothing about anything else.",)

    @property
    def arms(self) -> Mapping[str, str]:
        return {"up": "counts up", "down": "counts down"}

    @property
    def settings(self) -> Mapping[str, Scalar]:
        return {"rounds": self.rounds}

    def steps(self) -> Sequence[str]:
        return [f"{arm}/{number}" for number in range(self.rounds) for arm in self.arms]

    def warm_up(self) -> None:
        self.before("warm up")

    def take(self, step: str, *, doing: Callable[[str], None]) -> Count:
        self.before(step)
        doing("counting")
        arm, number = step.split("/")
        return Count(arm=arm, number=int(number))

    def sections(self, samples: Mapping[str, Count]) -> tuple[Section, ...]:
        rows = tuple(
            Row(arm=arm, cells={"number": median([one.number for one in samples.values() if one.arm == arm])})
            for arm in self.arms
        )
        columns = (Column(key="number", title="number", unit="rows"),)
        table = Table(key="numbers", title="How far", columns=columns, rows=rows, interval=SPREAD)
        return (Section(key="counts", title="Counts", tables=(table,)),)


class Quiet:
    """Hears how far it is, and says nothing."""

    def at(self, done: int, of: int, step: str, left_s: float | None) -> None:
        pass

    def doing(self, what: str) -> None:
        pass
