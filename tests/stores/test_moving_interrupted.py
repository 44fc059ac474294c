"""A move that is killed leaves the source as it was and whole rows in the target; the same command goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from moved_rows import EVENTS, carried, moved, plant, rows
from moving_places import KINDS, Kind, Somewhere, somewhere

from showcase.memory import history

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.memory.migration.interface import Carried

ROWS = rows(nobodys=False)
WANTED = {row.memory_id: row.digest for row in ROWS}

RECORD = "showcase.memory.store_record:begin"
HISTORY = "showcase.memory.history:keep"
CHROMA = "showcase.memory.raw_rows:write"
TABLE = "showcase.stores.pgvector:PgvectorTable"

MOMENTS: dict[Kind, list[tuple[str, str, int]]] = {
    "per-user": [(CHROMA, "before", 1), (CHROMA, "after", 1), (CHROMA, "before", 5), (CHROMA, "after", len(ROWS) // 2)],
    "postgresql": [
        (f"{TABLE}.make", "before", 1), (f"{TABLE}.make", "after", 1), (f"{TABLE}.set_mark", "before", 1),
        (f"{TABLE}.put", "before", 1), (f"{TABLE}.put", "after", 1), (f"{TABLE}.put", "before", 5),
        (f"{TABLE}.put", "after", len(ROWS) // 4),
    ],
}  # fmt: skip
ALWAYS = [(RECORD, "before", 1), (RECORD, "after", 1), (HISTORY, "after", 1), (HISTORY, "after", 3)]
CASES = [(kind, moment) for kind, moments in MOMENTS.items() for moment in (*ALWAYS, *moments)]


@pytest.fixture
def place(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, collection: str
) -> Callable[[Kind, str], Somewhere]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return lambda kind, name: somewhere(request, kind, tmp_path / name, f"{collection}_{name}")


def killed_at(source: Somewhere, target: Somewhere, moment: tuple[str, str, int]) -> int:
    where, when, nth = moment
    script = Path(__file__).with_name("killed_move.py")
    done = subprocess.run(
        [sys.executable, str(script), source.named, target.named, target.layout, where, when, str(nth)],
        capture_output=True, text=True, check=False, timeout=120,
        env={
            **os.environ, "PYTHONPATH": f"{script.parents[1]}{os.pathsep}{script.parent}",
            "SECRET": target.secret or source.secret or "",
        },
    )  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


def digests(found: dict[str, Carried]) -> dict[str, bytes]:
    return {memory_id: row.digest for memory_id, row in found.items()}


@pytest.mark.parametrize(("kind", "moment"), CASES)
def test_the_same_command_goes_on_where_a_killed_one_ended(
    place: Callable[[Kind, str], Somewhere], kind: Kind, moment: tuple[str, str, int]
) -> None:
    source, target = place("shared", "s"), place(kind, "t")
    plant(source, ROWS, EVENTS)
    assert killed_at(source, target, moment) == -signal.SIGKILL, "it was to be ended there"
    assert digests(carried(source)) == WANTED
    there = digests(carried(target))
    assert there.items() <= WANTED.items(), "whole rows, and none that is another"
    made, copied = moved(source, target)
    assert (made.same, copied.written) == (len(there), len(ROWS) - len(there)), "what is there is not copied again"
    assert copied.compared == len(ROWS)
    assert digests(carried(target)) == digests(carried(source)) == WANTED
    assert history.everything(target.place) == EVENTS


@pytest.mark.parametrize("kind", [kind for kind in MOMENTS if kind in KINDS])
def test_killed_again_and_again_it_comes_to_its_end(place: Callable[[Kind, str], Somewhere], kind: Kind) -> None:
    source, target = place("shared", "s"), place(kind, "t")
    plant(source, ROWS, EVENTS)
    moment = (CHROMA, "after", 6) if kind == "per-user" else (f"{TABLE}.put", "after", 2)
    reached = [0]
    while killed_at(source, target, moment):
        reached.append(len(carried(target)))
        assert reached[-1] > reached[-2], "each try comes farther"
    assert len(reached) > 3, "it was killed several times"
    assert digests(carried(target)) == digests(carried(source)) == WANTED
