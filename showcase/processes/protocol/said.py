"""What every event has in common."""

from __future__ import annotations

import math
from dataclasses import dataclass

from showcase.evidence.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Fact):
    """Base of every event; `t` is a reading of `time.monotonic` in seconds, set when it is written, NaN before."""

    t: float = math.nan
