"""Witnesses: which of them looked, and whether what they did not see carries anything."""

from __future__ import annotations

from dataclasses import dataclass

from showcase.claims.witnessing import strength
from showcase.evidence import Run, WitnessReport


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness's own report, and why its silence carries no claim; `refused` is empty where it does."""

    report: WitnessReport
    refused: str
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
            whole=all(coverage.complete for coverage in report.coverage),
        )
        for report in run.witnesses
    )
