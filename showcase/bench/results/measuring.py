"""Takes the samples of a benchmark, one after the other, and keeps each as it is taken."""

from __future__ import annotations

import json
import statistics
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from showcase import __version__
from showcase.bench.results import journal as journals
from showcase.bench.results.document import PAGE, RESULT, SAMPLES
from showcase.bench.results.machine import load, machine
from showcase.bench.results.result import Result
from showcase.bench.results.wording import QUICK, REHEARSAL
from showcase.documents.file_names import BESIDE, why_unfit
from showcase.errors import EngineError, StoreError, UsageError
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from showcase.bench.results.interface import Measurement, Progress

S = TypeVar("S")

QUICK_S = 60.0
"""A glance is over within this time."""

_SPARE_S = 6.0
"""Of which this is left for what comes after the last sample."""

_LOCK = ".lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How samples are to be taken.

    Attributes:
        place: The directory for samples, result and page.
        resume: Go on with what is there.
        quick: Stop within a minute.
    """

    place: Path
    resume: bool
    quick: bool


@contextmanager
def claimed(asked: Asked, bench: str) -> Iterator[Path]:
    """Make the directory and keep others out of it.

    Raises:
        UsageError: It holds something else; or samples, which nobody asked to go on with; or none, and somebody did.
        StoreError: It cannot be written, or another measurement is at work in it.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only where something is measured

    place = asked.place
    why = why_unfit(place, below=BESIDE)
    if why is not None:
        raise UsageError(f"{place} cannot hold a result: {why}", hint="name another directory: --out DIR")
    try:
        _look(asked)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(place / _LOCK, timeout=0, mode=0o600)
        lock.acquire()
    except Timeout as error:
        raise StoreError(
            f"another measurement is at work in {place}", hint=f"wait for its end, or: --out {quoted(_beside(place))}"
        ) from error
    except OSError as error:
        raise StoreError(
            f"{bench} cannot write in {place}: {error.strerror or error}", hint="name another directory: --out DIR"
        ) from error
    try:
        _look(asked)  # once more: another may have begun and ended since
        yield place
    finally:
        lock.release()
        with suppress(OSError):
            (place / _LOCK).unlink()


def _look(asked: Asked) -> None:
    """Refuse a directory with what is not to be replaced.

    Raises:
        UsageError: See `claimed`.
    """
    place = asked.place
    there = {each.name for each in place.iterdir()} if place.is_dir() else set()
    if SAMPLES not in there and asked.resume:
        raise UsageError(f"there are no samples in {place} to go on with", hint="the same command without --resume")
    if SAMPLES in there and not asked.resume:
        raise UsageError(
            f"{place} holds the samples of an earlier measurement",
            hint=f"go on with it: the same command with --resume; or beside it: --out {quoted(_beside(place))}",
        )
    if there - {SAMPLES, RESULT, PAGE, _LOCK}:
        raise UsageError(f"{place} holds what no benchmark wrote", hint=f"name another: --out {quoted(_beside(place))}")


def _beside(place: Path) -> Path:
    number = 2
    while place.with_name(f"{place.name}-{number}").exists():
        number += 1
    return place.with_name(f"{place.name}-{number}")


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
