"""What a claim is: an assertion about a run, and a pure function that says whether the log bears it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from showcase.evidence import Level, Run, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence


class Claim(Protocol):
    """One assertion. `judge` reads the log and nothing else, and never raises on a valid log."""

    id: str
    title: str

    def judge(self, run: Run) -> Verdict:
        """Return what follows from the log."""
        ...


def upheld(
    claim: Claim, level: Level, reason: str, *, evidence: Sequence[str] = (), limits: Sequence[str] = ()
) -> Verdict:
    """Return that the log bears the claim."""
    return Verdict(
        id=claim.id,
        status="upheld",
        level=level,
        reason=reason,
        evidence=tuple(evidence),
        limits=tuple(limits),
    )


def broken(
    claim: Claim, level: Level, reason: str, *, evidence: Sequence[str] = (), limits: Sequence[str] = ()
) -> Verdict:
    """Return that the log shows a violation."""
    return Verdict(
        id=claim.id,
        status="broken",
        level=level,
        reason=reason,
        evidence=tuple(evidence),
        limits=tuple(limits),
    )


def inconclusive(claim: Claim, reason: str, *, evidence: Sequence[str] = (), limits: Sequence[str] = ()) -> Verdict:
    """Return that the log does not carry an answer."""
    return Verdict(
        id=claim.id,
        status="inconclusive",
        level=None,
        reason=reason,
        evidence=tuple(evidence),
        limits=tuple(limits),
    )
