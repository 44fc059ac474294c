"""How long things take here: measured in what ran here, since nobody can know it of another machine or model."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from showcase.settings import DEFAULT_OUT, RUN_LOG

if TYPE_CHECKING:
    from pathlib import Path

SESSIONS = 3
MOST_BYTES = 1 << 26
"""A log that is larger is not read for the sake of a number."""


def about(seconds: float) -> str:
    """Return a measured time as people say it."""
    whole = max(1, math.ceil(seconds))
    return f"about {whole:,} second{'' if whole == 1 else 's'} here"


def of_last_run(out: Path = DEFAULT_OUT) -> float | None:
    """Return for how long the last whole run in this output directory worked, in seconds; None where it left none.

    What somebody waited for with `--step` does not count: a process is counted to the last thing that it said before.
    The file is read as it is, without its model: nobody should wait for `--help`.
    """
    try:
        log = out / RUN_LOG
        if log.stat().st_size > MOST_BYTES:
            return None
        return _worked_s(json.loads(log.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _worked_s(log: dict[str, Any]) -> float | None:
    sessions = log["sessions"]
    if log["interrupted"] or log["phases"] or len(sessions) != SESSIONS or any(item["exit_code"] for item in sessions):
        return None
    last = [max(phase["at_s"] for phase in item["phases"] if phase["name"] != "exit") for item in sessions]
    worked = sessions[0]["started_s"] + sum(end - item["started_s"] for end, item in zip(last, sessions, strict=True))
    for control in log["controls"]:
        moments = {phase["name"]: phase["at_s"] for phase in control["phases"]}
        worked += moments.get("replied", 0.0) - moments.get("asked", 0.0) if "replied" in moments else 0.0
    return float(worked) if 0 < worked <= log["duration_s"] else None
