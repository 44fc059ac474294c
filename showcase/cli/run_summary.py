"""The summary of a run as JSON, for who goes on with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from showcase.evidence import Run
    from showcase.orchestrator import Outcome


def _engine_of(run: Run) -> str | None:
    """Return which engine replied, whatever it was reached as."""
    return None if run.engine is None else "rehearsal" if run.engine.is_rehearsal else run.engine.kind


def as_json(outcome: Outcome, shown: str) -> dict[str, object]:
    """Return it; paths as a person has typed the output directory."""
    from dataclasses import asdict  # noqa: PLC0415 - only here

    return {
        "exit_code": int(outcome.exit_code),
        "interrupted": outcome.run.interrupted,
        "engine": _engine_of(outcome.run),
        "phases": [phase.session for phase in outcome.run.phases],
        "claims": [asdict(verdict) for verdict in outcome.run.claims],
        "run_log": str(Path(shown, outcome.run_log.name)),
        "report": str(Path(shown, outcome.report.name)),
        "sha256": outcome.sha256,
        "earlier": [str(Path(shown, path.name)) for path in outcome.earlier],
    }
