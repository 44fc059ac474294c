"""Witnesses: which of them looked, and whether what they did not see carries anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.witnessing import strength
from showcase.evidence import Run, WitnessReport

if TYPE_CHECKING:
    from collections.abc import Collection

_OUTSIDE_A_SEAL = "sockets"
"""It lists the sockets of the namespace that it is in, so a seal that holds keeps them from it."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness's own report, and why its silence carries no claim; `refused` is empty where it does.

    `failed` tells one that should have carried a claim from one that the seal keeps from looking.
    """

    report: WitnessReport
    refused: str
    failed: bool
    whole: bool


def witnesses(run: Run) -> tuple[Witness, ...]:
    """Return the witnesses in the order of the log."""
    carried = strength(run)
    return tuple(
        Witness(
            report=report,
            refused=""
            if report.name in carried.carried_by
            else next((why for why in carried.refused if f" {report.name} " in why), "it carries no claim"),
            failed=report.active
            and report.name not in carried.carried_by
            and not _kept_out(report, carried.carried_by)
            and not _adds_names_only(report, run),
            whole=_whole(report),
        )
        for report in run.witnesses
    )


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
