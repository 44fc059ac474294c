"""A fresh index holds nothing of the memory of the process that made it, which had just read what goes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from kept_stores import made, row

from showcase.memory.rebuilding import Going, rebuild
from showcase.settings.store_place import store_place

FILLING = 0x5A
"""What glibc's `malloc` fills memory with where `MALLOC_PERTURB_` is its complement: mallopt(3)."""


@pytest.mark.parametrize("count", [20, 1100])
def test_the_room_of_a_fresh_index_is_zeros(tmp_path: Path, count: int) -> None:
    beside = os.pathsep.join((str(Path(__file__).parents[1]), *sys.path))
    environment = {**os.environ, "MALLOC_PERTURB_": str(FILLING ^ 0xFF), "PYTHONPATH": beside}
    command = [sys.executable, __file__, str(tmp_path), str(count)]
    subprocess.run(command, check=True, env=environment, timeout=120)
    old, new = (_filled(tmp_path / name) for name in ("old", "new"))
    if not old:
        pytest.skip("the malloc here fills nothing, so nothing is known of what Chroma writes of its memory")
    assert not new, "what a process had in memory went into the files that were to be clean"


def _filled(root: Path) -> list[str]:
    return [path.name for path in root.rglob("*") if path.is_file() and bytes([FILLING]) * 24 in path.read_bytes()]


def _main(top: Path, count: int) -> None:
    place = made(top / "old", rows=[row(f"I am number {number}") for number in range(count)])
    fresh = store_place(top / "new")
    going = Going(user_id="alice", ids=frozenset({row("I am number 3").memory_id}), everything=False)
    assert rebuild(place, fresh, going, total=count - 1, progress=lambda *_: None).rows == count - 1


if __name__ == "__main__":
    _main(Path(sys.argv[1]), int(sys.argv[2]))
