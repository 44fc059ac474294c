"""Whether a command ran is known, whatever its exit status looks like."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from watching import Watch, Watcher

ROOT = Path(__file__).parents[2]
KILLED = """
import json, os, signal, sys
from showcase.witnesses.syscalls.filter.launch import launch
from showcase.witnesses.syscalls.supervisor.running import Start
from showcase.witnesses.syscalls.supervisor.tree import Tree
told = []
class Records:
    def write(self, event, **fields): told.append([event, fields])
launched = launch(["true"])
start = Start(launched.pid, launched.outcome, Records())
tree = Tree(launched.pid, before_end=start.settle)
start.settle()
assert told == [], "it still waits"
os.kill(launched.pid, signal.SIGKILL)
while not tree.gone: tree.reap()
print(json.dumps([told, tree.status]))
"""


def outcomes(seen: Watch) -> list[tuple[str, int | None]]:
    return [(each["event"], each.get("errno")) for each in seen.records if each["event"] in ("ran", "not run")]


@pytest.mark.parametrize("status", [0, 1, 125, 126, 127])
def test_a_command_that_ran(watch: Watcher, status: int) -> None:
    seen = watch(["sh", "-c", f"exit {status}"])
    assert (seen.returncode, outcomes(seen)) == (status, [("ran", None)])


def test_a_command_that_was_killed_ran(watch: Watcher) -> None:
    assert outcomes(watch(["sh", "-c", "kill -KILL $$"])) == [("ran", None)]


@pytest.mark.parametrize(
    ("content", "mode", "outcome"),
    [
        ("echo hello\n", 0o755, (126, errno.ENOEXEC)),
        ("#!/no/such/interpreter\n", 0o755, (127, errno.ENOENT)),
        ("#!/bin/sh\n", 0o644, (126, errno.EACCES)),
    ],
)
def test_a_command_that_did_not(
    watch: Watcher, tmp_path: Path, content: str, mode: int, outcome: tuple[int, int]
) -> None:
    file = tmp_path / "script"
    file.write_text(content)
    file.chmod(mode)
    seen = watch([str(file)])
    assert (seen.returncode, outcomes(seen)) == (outcome[0], [("not run", outcome[1])])


def test_a_command_that_was_killed_before_it_began() -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED], capture_output=True, text=True, check=True, timeout=60, cwd=ROOT
    )
    assert json.loads(done.stdout) == [[["not run", {"errno": 0}]], 9]
