"""A process that connects as it is told, under watchers; and what something takes by the clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.bench.audit.sample import Spent
from showcase.clock import RunClock
from showcase.documents.resources import SOURCE
from showcase.processes.protocol.events import Spawned
from showcase.processes.protocol.wire import read_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from showcase.evidence import Attempt
    from showcase.witnesses.interface import Witness

ROLE = "connector"
PYTHON = (sys.executable, "-m")


@dataclass(slots=True)
class Timing:
    """Holds what was spent, once the timing is over."""

    spent: Spent


@contextmanager
def timed() -> Iterator[Timing]:
    """Time what is done meanwhile, by the clock and by the processor."""
    timing = Timing(Spent(seconds=0.0, cpu_s=0.0))
    began, used = time.perf_counter(), sum(os.times()[:4])
    yield timing
    timing.spent = Spent(seconds=time.perf_counter() - began, cpu_s=sum(os.times()[:4]) - used)


def play(
    order: dict[str, Any], witnesses: Sequence[Witness], spawned: Callable[[subprocess.Popen[str]], None]
) -> dict[str, tuple[Attempt, ...]]:
    """Let a connector do what is ordered under these witnesses, and return what each of them saw.

    Args:
        order: See `connector`.
        witnesses: Those that watch.
        spawned: Called with the process once it is there and waits.
    """
    clock = RunClock()
    command: tuple[str, ...] = (*PYTHON, "showcase.bench.audit.connector", json.dumps(order))
    for witness in witnesses:
        witness.start(clock)
        command = witness.wrap(ROLE, command)
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(), start_new_session=True
    )
    pid = child.pid
    assert child.stdin is not None, "it is a pipe"  # noqa: S101 - Popen's contract
    assert child.stdout is not None, "it is a pipe"  # noqa: S101 - likewise
    with child.stdout:
        for line in child.stdout:
            event = read_event(line.encode())
            if isinstance(event, Spawned):
                pid = event.pid
                for witness in witnesses:
                    witness.enter(ROLE, pid)
                spawned(child)
                child.stdin.write("go\n")
                child.stdin.close()
            for witness in witnesses:
                witness.heard(ROLE, pid, event)
    child.wait()
    for witness in witnesses:
        witness.leave(ROLE, pid)
    return {witness.name: witness.stop().attempts for witness in witnesses}


def environment() -> dict[str, str]:
    """Return this one's, with this program's packages to be found."""
    path = os.pathsep.join(filter(None, (str(SOURCE), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}
