"""One sample of the audit benchmark."""

from __future__ import annotations

from dataclasses import dataclass

from showcase.evidence.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught(Fact):
    """Of `planted` connections that lived equally long, how many each watcher saw."""

    planted: int
    by: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connects(Fact):
    """Time of one connect to a listener on loopback, in microseconds, of as many as were made."""

    made: int
    median_us: float
    p99_us: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent(Fact):
    """What something took.

    Attributes:
        seconds: By the clock.
        cpu_s: Seconds of processor time, of this process and its children: other programs do not touch those.
    """

    seconds: float
    cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken(Fact):
    """What one step gives: one of the three."""

    caught: Caught | None = None
    connects: Connects | None = None
    spent: Spent | None = None
