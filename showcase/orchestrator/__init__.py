"""One run: engine up, witnesses on, controls fired, scenes in order, log written, claims judged, page rendered."""

from __future__ import annotations

from showcase.orchestrator.conduct import run
from showcase.orchestrator.outcome import Outcome

__all__ = ["Outcome", "run"]
