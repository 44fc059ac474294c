"""A clock that goes back: moments of a run come from another one, so that nothing follows from it."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from planting import verified

from showcase import runlog

if TYPE_CHECKING:
    from planting import Place

BACKWARDS = Path(__file__).parent / "backwards_clock.py"


def play(place: Place, phase: int) -> int:
    arguments = ("run", "--engine", "rehearsal", "--out", str(place.out), "--phase", str(phase), *place.witnesses)
    done = subprocess.run([sys.executable, BACKWARDS, *arguments], check=False, timeout=120, env=place.environment())
    place.assert_clean()
    return done.returncode


def test_a_clock_that_goes_back(place: Place) -> None:
    assert [play(place, phase) for phase in (1, 2, 3)] == [3, 3, 0]
    log = runlog.read(place.out / "run-log.json")
    assert datetime.fromisoformat(log.ended_at) < datetime.fromisoformat(log.started_at), "it did go back"
    assert {claim.status for claim in log.claims} == {"upheld"}
    moments = [moment for item in log.sessions for moment in (item.started_s, item.ended_s)]
    assert moments == sorted(moments), "no two sessions overlap, and none ends before it begins"
    assert log.duration_s >= max(moments)
    assert verified(place.out) == 0
