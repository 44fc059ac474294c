"""An erasure that is killed at any of its file operations leaves the old store or the new one, and nothing between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kept_stores import made, row

from showcase.memory import history

if TYPE_CHECKING:
    from showcase.settings.store_place import StorePlace

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks a process at each moment")

POINTS = 100
TEXT = "my locker code is obsidian-4711"


def store(root: Path) -> StorePlace:
    place = made(root, "shared", [row(TEXT), row("the key hangs by the mirror"), row("I drink tea", "bob")])
    history.keep(
        place,
        [
            history.HistoryEvent(id="e1", memory_id=row(TEXT).memory_id, new_memory=TEXT, event="ADD"),
            history.HistoryEvent(
                id="e2", memory_id=row("I drink tea", "bob").memory_id, new_memory="I drink tea", event="ADD"
            ),
        ],
    )
    return place


def at_points(place: StorePlace, out: Path) -> dict[str, Any]:
    """Kill erasures of copies of a store at their points, and return what each left, as it is told by the script."""
    script = Path(__file__).with_name("killed_erasure.py")
    paths = [str(script.parent), str(script.parents[1]), str(script.parents[2])]
    subprocess.run(
        [sys.executable, str(script), str(place.root), str(out), str(POINTS), row(TEXT).memory_id],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        check=True,
        timeout=400,
    )
    return json.loads((out / "told.json").read_text())


def test_a_hundred_moments(tmp_path: Path) -> None:
    place = store(tmp_path / "s")
    (tmp_path / "out").mkdir()
    told = at_points(place, tmp_path / "out")
    old, new = told["old"], told["new"]
    assert old != new
    killed = told["killed"]
    assert len(killed) >= POINTS
    came_to = [each["state"] for each in killed]
    assert [each for each in killed if each["state"] not in (old, new)] == []
    assert old in came_to
    assert new in came_to
    for each in killed:
        assert each["workshop"] is False, f"{each['point']}: something is left of it"
        if each["state"] == new:
            assert each["holding"] == [], f"{each['point']} {each['operation']}"
    phases = {each["phase"] for each in killed}
    assert phases >= {"gather", "scan", "copy", "decide", "carry out", "overwrite"}, phases
    decided = [each["state"] == new for each in killed]
    assert decided == sorted(decided), "it was undone after it was decided"
