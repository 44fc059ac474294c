"""Takes the samples of a benchmark, one after the other, and keeps each as it is taken."""

from __future__ import annotations

import json
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
    from collections.abc import Mapping

    from showcase.bench.results.interface import Measurement, Progress
    from showcase.bench.results.place import Asked

S = TypeVar("S")

QUICK_S = 60.0
"""A glance is over within this time."""

_SPARE_S = 6.0
"""Of which this is left for what comes after the last sample."""


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
        began = time.monotonic()
        took: list[float] = []
        before = load()
        progress.at(len(steps) - len(left), len(steps), "warming up", None)
        self._what.warm_up()
        if not self._asked.resume:
            self._journal.begin(self._header())  # not before: a server that is not there leaves nothing to clear away
        self._journal.sit(before)
        try:
            for number, step in enumerate(left):
                so_far = time.monotonic() - began
                if self._asked.quick and so_far + max(took, default=0.0) > QUICK_S - _SPARE_S:
                    self.ended_early = f"The minute of --quick was over after {number} of {len(left)} samples."
                    break
                # The mean: arms differ, and the long ones count for what they are.
                rest = statistics.fmean(took) * (len(left) - number) if took else None
                progress.at(len(steps) - len(left) + number, len(steps), step, rest)
                at = time.monotonic()
                sample = self._what.take(step, doing=progress.doing)
                took.append(time.monotonic() - at)
                self._journal.add(step, sample, self._adapter.dump_python(sample, mode="json"))
        except EngineError as error:
            if not self._asked.quick or time.monotonic() - began < QUICK_S - _SPARE_S:
                raise
            self.ended_early = f"The model server did not answer within the minute of --quick: {error.message}."
        finally:
            self._journal.rise(load())

    def result(self) -> Result:
        """Return what the samples say that were taken so far."""
        what, engine = self._what, self._what.engine
        cannot = list(what.cannot_tell)
        if engine is not None and engine.kind == "rehearsal":
            cannot.insert(0, REHEARSAL)
        if self._asked.quick:
            cannot.insert(0, QUICK)
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
