"""Samples as they are taken, a line each: what a kill or a power cut leaves is every sample but the last.

The first line says what is measured; a measurement is resumed only where that is the same. Each sitting begins with a
line of its own.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from showcase.bench.results.document import SAMPLES
from showcase.bench.results.result import VERSION, Sitting
from showcase.clock import utc_now
from showcase.documents import reading, strict_json
from showcase.errors import StoreError, UsageError
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

S = TypeVar("S")

_MAX_BYTES = 256 * 1024 * 1024
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


@dataclass(slots=True, kw_only=True)
class Journal(Generic[S]):
    """What was taken so far.

    Attributes:
        path: Where it lies.
        samples: By their steps.
        sittings: Those that are over.
    """

    path: Path
    samples: dict[str, S] = field(default_factory=dict)
    sittings: list[Sitting] = field(default_factory=list)

    def begin(self, header: Mapping[str, Any]) -> None:
        """Write the first line of a new one.

        Raises:
            StoreError: It cannot be written.
        """
        self._append({"measurement": {"version": VERSION, **header}})

    def sit(self, load: float | None) -> None:
        """Begin a sitting."""
        at = utc_now()
        self.sittings.append(Sitting(began_at=at, ended_at=at, taken=0, load_before=load, load_after=None))
        self._append({"sitting": {"began_at": at, "load": load}})

    def add(self, step: str, sample: S, document: Mapping[str, Any]) -> None:
        """Keep a sample; `document` is its form in JSON."""
        at = utc_now()
        self._append({"step": step, "at": at, "sample": document})
        self.samples[step] = sample
        self.sittings[-1] = replace(self.sittings[-1], ended_at=at, taken=self.sittings[-1].taken + 1)

    def rise(self, load: float | None) -> None:
        """End the sitting."""
        at = utc_now()
        self.sittings[-1] = replace(self.sittings[-1], ended_at=at, load_after=load)
        self._append({"sitting": {"ended_at": at, "load": load}})

    def _append(self, line: Mapping[str, Any]) -> None:
        data = json.dumps(line, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        try:
            descriptor = os.open(self.path, _FLAGS, 0o600)
            try:
                _write(descriptor, data)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise StoreError(
                f"cannot write {self.path}: {error.strerror or error}",
                hint="make room there; then the same command with --resume",
            ) from error


def _write(descriptor: int, data: bytes) -> None:
    """Write all of a line, or nothing: the next line would run into half a one, and both be lost with all before."""
    before = os.fstat(descriptor).st_size
    try:
        while data:
            data = data[os.write(descriptor, data) :]
        os.fsync(descriptor)
    except BaseException:
        os.ftruncate(descriptor, before)
        raise


def read(
    path: Path, header: Mapping[str, Any] | None, sample: Callable[[Any], S], steps: Collection[str]
) -> Journal[S]:
    """Read what was taken before, and drop a last line that was cut off while it was written.

    Args:
        path: Where it lies.
        header: What is to be measured; None to look at it whatever it is.
        sample: Turns the document of a sample into one; raises ValueError where it is none.
        steps: Of the measurement.

    Raises:
        UsageError: Something else was measured there.
        StoreError: It is damaged.
    """
    try:
        data = reading.read(path, limit=_MAX_BYTES, files_only=True)
    except reading.UnreadableError as error:
        raise StoreError(f"cannot read {path}: {error}", hint=_afresh()) from error
    whole = data[: data.rfind(b"\n") + 1]
    lines = [_line(path, number, text) for number, text in enumerate(whole.splitlines(), start=1)]
    first = lines[0].get("measurement") if lines else None
    if not isinstance(first, dict):
        raise StoreError(f"{path} is no list of samples of a benchmark", hint=_afresh())
    if header is not None:
        _compare(path, first, {"version": VERSION, **header})
        if len(whole) != len(data):
            os.truncate(path, len(whole))
    found: Journal[S] = Journal(path=path)
    for number, line in enumerate(lines[1:], start=2):
        try:
            _take(found, line, sample, steps)
        except (ValueError, KeyError, IndexError, TypeError) as error:  # noqa: PERF203 - each line is one that may be damaged
            raise _damaged(path, number, error) from error
    return found


def _line(path: Path, number: int, text: bytes) -> dict[str, Any]:
    try:
        line = strict_json.parse(text)
    except ValueError as error:
        raise _damaged(path, number, error) from error
    if not isinstance(line, dict):
        raise _damaged(path, number, TypeError("no object"))
    return line


def _take(found: Journal[S], line: dict[str, Any], sample: Callable[[Any], S], steps: Collection[str]) -> None:
    told = line.get("sitting")
    if told is None:
        step = line["step"]
        if step not in steps:
            raise ValueError("this measurement has no such step")
        if step in found.samples:
            raise ValueError(f"the step {step} is there twice")
        found.samples[step] = sample(line["sample"])
        sitting = found.sittings[-1]
        found.sittings[-1] = replace(sitting, ended_at=_moment(line["at"]), taken=sitting.taken + 1)
    elif "began_at" in told:
        at, load = _moment(told["began_at"]), _load(told["load"])
        found.sittings.append(Sitting(began_at=at, ended_at=at, taken=0, load_before=load, load_after=None))
    else:
        at, load = _moment(told["ended_at"]), _load(told["load"])
        found.sittings[-1] = replace(found.sittings[-1], ended_at=at, load_after=load)


def _moment(told: Any) -> str:  # noqa: ANN401 - any JSON value
    if not isinstance(told, str):
        raise TypeError("a moment is no text")
    told.encode()  # half a surrogate pair goes into no document
    return told


def _load(told: Any) -> float | None:  # noqa: ANN401 - any JSON value
    if told is not None and (isinstance(told, bool) or not isinstance(told, (int, float))):
        raise TypeError("a load is no number")
    return told


def _compare(path: Path, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse what was measured otherwise: two halves would stand in one table as if they were one.

    Raises:
        UsageError: It was.
    """
    now = json.loads(json.dumps(now))
    differing = [
        f"{name} was {then.get(name)!r} and is {now.get(name)!r}"
        for name in sorted({*then, *now})
        if then.get(name) != now.get(name)
    ]
    if differing:
        raise UsageError(
            f"{path.parent} holds samples of another measurement: {'; '.join(differing)}",
            hint=f"repeat it as it was, or take other samples: the same command without --resume, --out "
            f"{quoted(path.parent.with_name(path.parent.name + '-2'))}",
        )


def _damaged(path: Path, number: int, error: Exception) -> StoreError:
    return StoreError(f"{path} is damaged in line {number}: {error}", hint=_afresh())


def _afresh() -> str:
    return f"measure again: the same command without --resume and with another --out; {SAMPLES} is left as it is"
