"""What watching adds to a connect and to the start of a process."""

from __future__ import annotations

import json
import shutil
import socket
import statistics
import subprocess
import sys
from typing import TYPE_CHECKING

from showcase.bench.audit.playing import PYTHON, ROLE, environment, timed
from showcase.bench.audit.sample import Connects
from showcase.clock import RunClock
from showcase.documents.leftovers import temporary
from showcase.errors import ShowcaseError
from showcase.processes.protocol.events import Timed
from showcase.processes.protocol.wire import read_event
from showcase.witnesses.syscalls.witness import SyscallsWitness

if TYPE_CHECKING:
    from showcase.bench.audit.sample import Spent

_TIMEOUT_S = 300
_BACKLOG = 4096
"""Nobody takes the connections: there is room for all of them."""


def connects(way: str, count: int) -> Connects:
    """Time connects of one process, watched in this way.

    Raises:
        ShowcaseError: The process ended before it told its times.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as listener, temporary("showcase-bench-") as place:
        ports = [listener.getsockname()[1]] * count
        order = {"ports": ports, "lifetime_s": 0, "hook": way == "hook", "pause": False}
        command: tuple[str, ...] = (*PYTHON, "showcase.bench.audit.connector", json.dumps(order))
        witness = SyscallsWitness() if way == SyscallsWitness.name else None
        if witness is not None:
            witness.start(RunClock())
            command = witness.wrap(ROLE, command)
        elif way == "strace -f":
            strace = shutil.which("strace") or "strace"
            command = (strace, "-f", "-qq", "-e", "trace=network", "-o", f"{place}/trace", *command)
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
        ) as child:
            output, _ = child.communicate("go\n", timeout=_TIMEOUT_S)
        if witness is not None:
            witness.stop()
    events = [read_event(line.encode()) for line in output.splitlines()]
    took = next((event.seconds for event in events if isinstance(event, Timed)), None)
    if took is None:
        raise ShowcaseError(
            f"the process that connects, watched by {way}, ended with {child.returncode} before it told its times",
            hint="see what this machine lets watch: showcase doctor",
        )
    quantiles = statistics.quantiles(took, n=100)
    return Connects(made=len(took), median_us=statistics.median(took) * 1e6, p99_us=quantiles[98] * 1e6)


def start(way: str) -> Spent:
    """Time the start and the end of a Python that does nothing, bare, under a supervisor, or sealed."""
    nothing = (sys.executable, "-I", "-S", "-c", "pass")
    with temporary("showcase-bench-") as place:
        command: tuple[str, ...] = nothing
        if way != "bare":
            from showcase.witnesses.syscalls.command import supervised  # noqa: PLC0415 - a module of Linux

            command = supervised(place / "records", nothing, *(("--seal", "") if way == "sealed" else ()))
        with timed() as timing:
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return timing.spent
