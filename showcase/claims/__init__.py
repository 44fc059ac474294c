"""What is claimed of a run. Each claim is a pure function of the run log; nothing here touches the world."""

from __future__ import annotations

from showcase.claims.judge import CLAIMS, exit_code, judge
from showcase.claims.stored import is_less, says

__all__ = ["CLAIMS", "exit_code", "is_less", "judge", "says"]
