"""Witnesses: which of them looked, and whether what they did not see carries anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.witnessing import Strength, strength
from showcase.evidence import Run, WitnessReport

if TYPE_CHECKING:
    from collections.abc import Collection

_OUTSIDE_A_SEAL = "sockets"
"""It lists the sockets of the namespace that it is in, so a seal that holds keeps them from it."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness's own report, and why its silence carries no claim; `refused` is empty where it does.

    `failed` tells one that should have carried a claim from one that the seal keeps from looking. `spared` says why
    nothing was to be expected of one that did look; it is empty where something was.
    """

    report: WitnessReport
    refused: str
    failed: bool
    spared: str
    whole: bool


def witnesses(run: Run) -> tuple[Witness, ...]:
    """Return the witnesses in the order of the log."""
    carried = strength(run)
    return tuple(_witness(report, run, carried) for report in run.witnesses)


def _witness(report: WitnessReport, run: Run, carried: Strength) -> Witness:
    counts = report.name in carried.carried_by
    why = next((why for why in carried.refused if f" {report.name} " in why), "it carries no claim")
    spared = "" if counts or not report.active else _spared(report, run, carried.carried_by)
    return Witness(
        report=report,
        refused="" if counts else why,
        failed=report.active and not counts and not spared,
        spared=spared,
        whole=_whole(report),
    )


def _spared(report: WitnessReport, run: Run, carried_by: Collection[str]) -> str:
    """Return why a witness that looked was not needed, empty where it was."""
    if _kept_out(report, carried_by):
        return "not needed here: it looks from outside, and the seal, which carries the claims, stands between"
    if _adds_names_only(report, run):
        return "not needed here: in an audit it adds names of packages, and no verdict rests on it"
    return ""


def _kept_out(report: WitnessReport, carried_by: Collection[str]) -> bool:
    """Return whether a witness missed its leak because a seal, which does carry a claim, stood between them."""
    missed = report.control is not None and not report.control.fired
    # A supervisor closes itself to whoever is of the same user, so that those it watches cannot take hold of it.
    whole = all(row.complete for row in report.coverage if not row.role.startswith("supervisor of "))
    return report.name == _OUTSIDE_A_SEAL and missed and whole and "seal" in carried_by


def _adds_names_only(report: WitnessReport, run: Run) -> bool:
    """Return whether a witness is the hook of an audit, on which no verdict rests."""
    return report.name == "hook" and run.command is not None


def _whole(report: WitnessReport) -> bool:
    return all(coverage.complete for coverage in report.coverage)
