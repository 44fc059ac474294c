"""One sample of the threshold benchmark."""

from __future__ import annotations

from dataclasses import dataclass

from showcase.evidence.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosines(Fact):
    """Of a question: the best fact that answers it, and the best of those that do not; None where there is no other."""

    known: float
    unknown: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece(Fact):
    """Some questions of a set, in its order."""

    cosines: tuple[Cosines, ...]
