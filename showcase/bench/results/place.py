"""The directory that samples, result and page go into: new, empty, or one that was measured into before."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.bench.results.document import PAGE, RESULT, SAMPLES
from showcase.documents.file_names import BESIDE, why_unfit
from showcase.errors import StoreError, UsageError
from showcase.shell.advice import another_directory, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def check(asked: Asked) -> None:
    """Look whether samples can go there. Nothing is made: a server need not be started to be told that they cannot.

    Raises:
        UsageError: It holds something else; or samples, which nobody asked to go on with; or none, and somebody did.
        StoreError: It cannot be looked at.
    """
    place = asked.place
    why = why_unfit(place, below=BESIDE)
    if why is not None:
        raise UsageError(f"{place} cannot hold a result: {why}", hint="name another directory: --out DIR")
    try:
        there = {each.name for each in place.iterdir()} if place.exists() else set()
    except OSError as error:
        raise _unusable(place, error) from error
    if SAMPLES not in there and asked.resume:
        raise UsageError(f"there are no samples in {place} to go on with", hint="the same command without --resume")
    if SAMPLES in there and not asked.resume:
        raise UsageError(
            f"{place} holds the samples of an earlier measurement",
            hint=f"go on with it: the same command with --resume; or beside it: --out {quoted(_beside(place))}",
        )
    if there - {SAMPLES, RESULT, PAGE, _LOCK}:
        raise UsageError(f"{place} holds what no benchmark wrote", hint=f"name another: --out {quoted(_beside(place))}")


@contextmanager
def claimed(asked: Asked) -> Iterator[Path]:
    """Make the directory and keep others out of it.

    Raises:
        UsageError: See `check`.
        StoreError: It cannot be written, or another measurement is at work in it.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only where something is measured

    place = asked.place
    check(asked)
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(place / _LOCK, timeout=0, mode=0o600)
        lock.acquire()
    except Timeout as error:
        raise StoreError(
            f"another measurement is at work in {place}", hint=f"wait for its end, or: --out {quoted(_beside(place))}"
        ) from error
    except OSError as error:
        raise _unusable(place, error) from error
    try:
        check(asked)  # what another did meanwhile
        yield place
    finally:
        lock.release()
        with suppress(OSError):
            (place / _LOCK).unlink()


def _unusable(place: Path, error: OSError) -> StoreError:
    return StoreError(
        f"nothing can be written in {place}: {error.strerror or error}",
        hint=f"name another directory: --out {quoted(another_directory(Path(place.name)))}",
    )


def _beside(place: Path) -> Path:
    """Return the first name beside it that is free."""
    number = 2
    with suppress(OSError):
        while place.with_name(f"{place.name}-{number}").exists():
            number += 1
    return place.with_name(f"{place.name}-{number}")
