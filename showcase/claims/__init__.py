"""What is claimed of a run. Each claim is a pure function of the run log; nothing here touches the world."""

from __future__ import annotations

from showcase.claims.judge import CLAIMS, exit_code, judge

__all__ = ["CLAIMS", "exit_code", "judge"]
