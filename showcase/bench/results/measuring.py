"""Takes the samples of a benchmark, one after the other, and keeps each as it is taken."""

from __future__ import annotations

import json
import math
import statistics
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

from showcase import __version__
from showcase.bench.results import journal as journals
from showcase.bench.results.document import SAMPLES
from showcase.bench.results.machine import load, machine
from showcase.bench.results.result import Result
from showcase.bench.results.wording import QUICK, REHEARSAL
from showcase.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from showcase.bench.results.interface import Measurement, Progress
    from showcase.bench.results.place import Asked

S = TypeVar("S")

QUICK_S = 60.0
"""A glance is over within this time."""

_SPARE_S = 6.0
"""Of which this is left for what comes after the last sample."""

SITTINGS = "Samples were taken in several sittings: what else the machine did then is not the same for all arms."


class _MinuteOverError(Exception):
    """The minute of --quick is over; the sample that is being taken is none."""


class Measuring:
    """One measurement in a claimed directory.

    Args:
        measurement: What is measured.
        asked: How.

    Raises:
        UsageError: What is to be resumed measured something else.
        StoreError: What is to be resumed cannot be read.
    """

    def __init__(self, measurement: Measurement[S], asked: Asked) -> None:
        from pydantic import TypeAdapter  # noqa: PLC0415 - heavy

        self._what: Measurement[Any] = measurement
        self._asked = asked
        self._machine = machine()
        self._adapter: TypeAdapter[Any] = TypeAdapter(measurement.sample)
        path = asked.place / SAMPLES
        if asked.resume:
            self._journal = journals.read(path, self._header(), self._sample, frozenset(measurement.steps()))
        else:
            self._journal = journals.Journal(path=path)
        self.ended_early = ""

    def take_all(self, progress: Progress) -> None:
        """Take every sample that is not there yet; what was taken is kept, however this ends.

        Raises:
            ShowcaseError: A sample could not be taken.
        """
        steps = self._what.steps()
        left = [step for step in steps if step not in self._journal.samples]
        if not left:
            return
        over = time.monotonic() + QUICK_S - _SPARE_S if self._asked.quick else math.inf
        before = load()
        sittings = len(self._journal.sittings)
        try:
            progress.at(len(steps) - len(left), len(steps), "warming up", None)
            self._what.warm_up()
            for step, sample in self._taken(left, len(steps), over, progress):
                if len(self._journal.sittings) == sittings:
                    self._sit(before)
                self._journal.add(step, sample, self._adapter.dump_python(sample, mode="json"))
        except _MinuteOverError:
            taken = f"{len(self._journal.samples)} of {len(steps)} samples"
            self.ended_early = f"The minute of --quick was over, or too short for the next sample: {taken} were taken."
        except EngineError as error:
            if time.monotonic() < over:
                raise
            self.ended_early = f"The model server did not answer within the minute of --quick: {error.message}."
        finally:
            if len(self._journal.sittings) > sittings:
                self._journal.rise(load())

    def _taken(self, left: Sequence[str], planned: int, over: float, progress: Progress) -> Iterator[tuple[str, Any]]:
        """Yield each sample as it is taken.

        Args:
            left: The steps that are left.
            planned: How many there are in all.
            over: When the minute of a glance is over.
            progress: Is told how far it is.

        Raises:
            _MinuteOverError: It is over, or too short for another sample as long as the longest so far.
        """

        def doing(what: str) -> None:
            if time.monotonic() > over:
                raise _MinuteOverError
            progress.doing(what)

        took: list[float] = []
        for number, step in enumerate(left):
            at = time.monotonic()
            if at + max(took, default=0.0) > over:
                raise _MinuteOverError
            # The mean: arms differ, and the long ones count for what they are.
            rest = statistics.fmean(took) * (len(left) - number) if took else None
            progress.at(planned - len(left) + number, planned, step, rest)
            yield step, self._what.take(step, doing=doing)
            took.append(time.monotonic() - at)

    def _sit(self, before: float | None) -> None:
        """Begin a sitting with its first sample: what ends before that leaves nothing to clear away."""
        if not self._asked.resume:
            self._journal.begin(self._header())
        self._journal.sit(before)

    def result(self) -> Result:
        """Return what the samples say that were taken so far."""
        what, engine = self._what, self._what.engine
        cannot = list(what.cannot_tell)
        if engine is not None and engine.kind == "rehearsal":
            cannot.insert(0, REHEARSAL)
        if self._asked.quick:
            cannot.insert(0, QUICK)
        if len(self._journal.sittings) > 1:
            cannot.insert(0, SITTINGS)
        if self.ended_early:
            cannot.insert(0, self.ended_early)
        steps = what.steps()
        samples = {step: self._journal.samples[step] for step in steps if step in self._journal.samples}
        return Result(
            program=__version__,
            bench=what.bench,
            question=what.question,
            arms=dict(what.arms),
            settings=dict(what.settings),
            engine=engine,
            machine=self._machine,
            sittings=tuple(self._journal.sittings),
            planned=len(steps),
            taken=len(samples),
            quick=self._asked.quick,
            temperature=what.temperature,
            cannot_tell=tuple(cannot),
            sections=what.sections(samples),
        )

    def _header(self) -> Mapping[str, Any]:
        """Return all that has to be the same where a measurement is resumed."""
        engine = self._what.engine
        return {
            "bench": self._what.bench,
            "program": __version__,
            "quick": self._asked.quick,
            "machine": asdict(self._machine),
            "engine": None if engine is None else asdict(engine),
            **{f"settings.{name}": value for name, value in self._what.settings.items()},
        }

    def _sample(self, document: Any) -> Any:  # noqa: ANN401 - whatever the benchmark's sample is
        return self._adapter.validate_json(json.dumps(document))
