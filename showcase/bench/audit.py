"""What watching catches, and what it costs: measured here and now, with the usual tools beside it in the same run."""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.bench.samplers import PERIOD_S, TOOLS
from showcase.clock import RunClock
from showcase.documents.leftovers import temporary
from showcase.documents.resources import SOURCE
from showcase.processes.protocol.events import Spawned, Timed
from showcase.processes.protocol.wire import read_event
from showcase.witnesses.hook import HookWitness
from showcase.witnesses.sockets import SocketsWitness
from showcase.witnesses.syscalls.command import why_unavailable
from showcase.witnesses.syscalls.witness import SyscallsWitness

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.evidence import Attempt
    from showcase.witnesses.interface import Witness

LIFETIMES_MS = (0, 1, 5, 20, 100)
ROLE = "connector"
_PYTHON = (sys.executable, "-m")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchRate:
    """Of `planted` connections that lived `lifetime_ms` each, how many each watcher saw."""

    lifetime_ms: int
    planted: int
    caught: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectCost:
    """Time of one connect to a listener on loopback, in microseconds."""

    watched_by: str
    median_us: float
    p99_us: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCost:
    """Time to start and end a Python that does nothing, in milliseconds, medians."""

    bare_ms: float
    watched_ms: float
    sealed_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCost:
    """Seconds of whole runs of the showcase, watched by all and by nobody, pair by pair.

    `…_cpu_s` are seconds of processor time, of this process and its children: other programs do not touch those.
    """

    watched_s: tuple[float, ...]
    unwatched_s: tuple[float, ...]
    watched_cpu_s: tuple[float, ...]
    unwatched_cpu_s: tuple[float, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """Watched / unwatched, pair by pair: the machine's mood touches both of a pair."""
        return tuple(a / b for a, b in zip(self.watched_s, self.unwatched_s, strict=True))

    @property
    def cpu_ratios(self) -> tuple[float, ...]:
        """Likewise of the processor time."""
        return tuple(a / b for a, b in zip(self.watched_cpu_s, self.unwatched_cpu_s, strict=True))

    @property
    def ratio(self) -> float:
        """Their median."""
        return statistics.median(self.ratios)

    @property
    def cpu_ratio(self) -> float:
        """Likewise of the processor time."""
        return statistics.median(self.cpu_ratios)


def _witnesses() -> list[Witness]:
    present: list[Witness] = [SocketsWitness(PERIOD_S), HookWitness()]
    if why_unavailable() is None:
        present.append(SyscallsWitness())
    return present


def catch_rates(planted: int) -> list[CatchRate]:
    """Plant connections of each lifetime, each to a listener of its own, under all watchers at once."""
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(planted)]
        ports = [listener.getsockname()[1] for listener in listeners]
        return [_catch_rate(lifetime, ports) for lifetime in LIFETIMES_MS]


def _catch_rate(lifetime_ms: int, ports: list[int]) -> CatchRate:
    witnesses = _witnesses()
    tools = [name for name in TOOLS if name != "lsof" or shutil.which("lsof")]
    samplers: dict[str, subprocess.Popen[str]] = {}

    def spawned(child: subprocess.Popen[str]) -> None:
        for name in tools:
            command = [*_PYTHON, "showcase.bench.samplers", name, str(child.pid)]
            samplers[name] = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment()
            )
        time.sleep(0.5)  # until both loops turn

    order = {"ports": ports, "lifetime_s": lifetime_ms / 1000, "hook": True, "pause": True}
    attempts = play(order, witnesses, spawned)
    caught: dict[str, int] = {}
    for witness in witnesses:
        seen = {row.port for row in attempts[witness.name] if row.kind == "connect"}
        caught[witness.name] = len(seen.intersection(ports))
    for name, sampler in samplers.items():
        output, _ = sampler.communicate("", timeout=30)
        caught[f"{name} loop"] = len(set(json.loads(output)).intersection(ports))
    return CatchRate(lifetime_ms=lifetime_ms, planted=len(ports), caught=caught)


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
    command: tuple[str, ...] = (*_PYTHON, "showcase.bench.connector", json.dumps(order))
    for witness in witnesses:
        witness.start(clock)
        command = witness.wrap(ROLE, command)
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment(), start_new_session=True
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


def _environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(SOURCE), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}


def connect_costs(connects: int) -> list[ConnectCost]:
    """Time connects bare, under the hook, under `syscalls` and under strace, one after the other."""
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener, temporary("showcase-bench-") as place:
        port = listener.getsockname()[1]
        order = {"ports": [port] * connects, "lifetime_s": 0, "hook": False, "pause": False}
        plain = (*_PYTHON, "showcase.bench.connector", json.dumps(order))
        hooked = (*_PYTHON, "showcase.bench.connector", json.dumps({**order, "hook": True}))
        ways: dict[str, tuple[str, ...]] = {"nobody": plain, "hook": hooked}
        if why_unavailable() is None:
            witness = SyscallsWitness()
            witness.start(RunClock())
            ways["syscalls"] = witness.wrap(ROLE, plain)
        strace = shutil.which("strace")
        if strace is not None:
            ways["strace -f"] = (strace, "-f", "-qq", "-e", "trace=network", "-o", f"{place}/trace", *plain)
        return [_cost(name, command, listener) for name, command in ways.items()]


def _cost(name: str, command: tuple[str, ...], listener: socket.socket) -> ConnectCost:
    listener.setblocking(False)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment()
    ) as child:
        output, _ = child.communicate("go\n", timeout=300)
    with suppress(BlockingIOError):
        while True:  # make room in the backlog for the next
            listener.accept()[0].close()
    events = [read_event(line.encode()) for line in output.splitlines()]
    took = next(event.seconds for event in events if isinstance(event, Timed))
    quantiles = statistics.quantiles(took, n=100)
    return ConnectCost(watched_by=name, median_us=statistics.median(took) * 1e6, p99_us=quantiles[98] * 1e6)


def start_cost(rounds: int) -> StartCost | None:
    """Time the start of a process bare, under a supervisor, and sealed; None where none can be watched."""
    if why_unavailable() is not None:
        return None
    from showcase.witnesses.syscalls.command import supervised  # noqa: PLC0415 - a module of Linux

    nothing = (sys.executable, "-I", "-S", "-c", "pass")
    with temporary("showcase-bench-") as place:
        records = place / "records"
        ways = {"bare": nothing, "watched": supervised(records, nothing)}
        if why_unavailable("--seal", "") is None:
            ways["sealed"] = supervised(records, nothing, "--seal", "")
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, command in ways.items():
                began = time.perf_counter()
                subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
                times[name].append(time.perf_counter() - began)
    medians = {name: statistics.median(each) * 1000 for name, each in times.items()}
    return StartCost(bare_ms=medians["bare"], watched_ms=medians["watched"], sealed_ms=medians.get("sealed"))


def run_cost(pairs: int) -> RunCost:
    """Time whole runs on the rehearsal engine, with every witness and with none, in turn, after a warm-up."""
    from showcase import orchestrator  # noqa: PLC0415 - heavy, and the other measures do without
    from showcase.progress import Silence  # noqa: PLC0415 - likewise
    from showcase.scenes import scenario  # noqa: PLC0415 - heavy, and the other measures do without
    from showcase.settings import Settings  # noqa: PLC0415 - likewise

    def once(witnesses: tuple[str, ...] | None) -> tuple[float, float]:
        with temporary("showcase-bench-") as place:
            began, used = time.perf_counter(), sum(os.times()[:4])
            settings = Settings(out=place / "out", engine="rehearsal", witnesses=witnesses)
            orchestrator.run(settings, scenario.read(), Silence())
            return time.perf_counter() - began, sum(os.times()[:4]) - used

    once(())
    measured = [(*once(None), *once(())) for _ in range(pairs)]
    watched, watched_cpu, unwatched, unwatched_cpu = zip(*measured, strict=True)
    return RunCost(watched_s=watched, unwatched_s=unwatched, watched_cpu_s=watched_cpu, unwatched_cpu_s=unwatched_cpu)
