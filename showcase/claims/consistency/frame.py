"""The frame of a log: when and on which machine, and whether it is that of a run or of an audit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import MOST_BYTES, MOST_S, is_pid, is_utc, told, twice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Run

OF_LINUX = frozenset({"syscalls", "seal"})
"""Witnesses that are made of Linux's own interfaces."""

MACHINES = frozenset({"x86_64", "aarch64"})
"""Machines whose calls the witness `syscalls` knows by number."""

KERNEL = (5, 19)
"""The oldest Linux on which a supervisor may answer calls without a signal making it see them twice."""

_MOST_CPUS = 1 << 20
_VERSION = re.compile(r"(\d+)\.(\d+)")


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    yield from _time(run)
    yield from _machine(run)
    yield from _audit(run) if run.command is not None else _run(run)


def _time(run: Run) -> Iterator[str]:
    if not 0.0 < run.duration_s <= MOST_S:
        yield f"the log is of {told(run.duration_s)} s, which no run takes"
    stamps = [run.started_at, run.ended_at, *(item.started_at for item in (*run.sessions, *run.controls))]
    stamps += [stamp for phase in run.phases for stamp in (phase.started_at, phase.ended_at)]
    for stamp in stamps:
        if not is_utc(stamp):
            yield f"{stamp!r} is no moment in UTC"
    if run.interrupted == "":
        yield "the log says that something interrupted it, and not what"
    for number in (run.orchestrator_pid, *(phase.orchestrator_pid for phase in run.phases)):
        if not is_pid(number):
            yield f"the orchestrator has the process number {number}, which there is not"


def _machine(run: Run) -> Iterator[str]:
    machine = run.platform
    if machine.cpus is not None and not 0 < machine.cpus <= _MOST_CPUS:
        yield f"a machine with {machine.cpus} processors"
    if machine.memory_bytes is not None and not 0 < machine.memory_bytes <= MOST_BYTES:
        yield f"a machine with {machine.memory_bytes} bytes of memory"
    python = _VERSION.match(machine.python)
    if python is None or (int(python[1]), int(python[2])) < (3, 10):
        yield f"this program does not run on Python {machine.python!r}"
    there = sorted({report.name for report in run.witnesses if report.active} & OF_LINUX)
    there += sorted({name for row in run.connections for name in row.witnesses} & OF_LINUX)
    if not there:
        return
    if machine.system != "Linux":
        yield f"the witness {there[0]} looked on {machine.system or 'a system without a name'}, and is Linux's alone"
    if machine.machine not in MACHINES:
        yield f"the witness {there[0]} looked on a {machine.machine or 'machine'} whose calls it does not know"
    kernel = _VERSION.match(machine.release)
    if kernel is None or (int(kernel[1]), int(kernel[2])) < KERNEL:
        yield f"the witness {there[0]} looked on the kernel {machine.release!r}, where it cannot"


def _audit(run: Run) -> Iterator[str]:
    options = run.options
    if options.infer or options.top_k or options.keep_store or options.forget:
        yield "the log is that of an audit, and its options ask for memory work"
    parts = {
        "an engine": run.engine,
        "a scenario": run.scenario,
        "sessions": run.sessions,
        "controls": run.controls,
        "phases": run.phases,
        "a drill": run.drill,
        "somebody forgotten": run.forgetting,
        "an output directory": run.storage,
        "allowed endpoints": run.policy.allowed,
        "a store": run.store,
    }
    for what, part in parts.items():
        if part:
            yield f"the log is that of an audit, and has {what}"
    environment = run.environment
    if set(environment.forced) != {"PYTHONPATH"} or environment.kept or environment.left_out:
        yield "the log is that of an audit, which leaves a command its environment, and says otherwise"


def _run(run: Run) -> Iterator[str]:
    if run.options.top_k < 1:
        yield f"the sessions searched for {run.options.top_k} rows"
    if run.requests:
        yield "the log is that of a run, and has what was said to the sink of an audit"
    environment = run.environment
    if "MEM0_TELEMETRY" not in environment.forced:
        yield "the processes were not given the switch MEM0_TELEMETRY, which every run forces"
    names = [*environment.forced, *environment.kept, *environment.left_out]
    again = twice(names)
    if again is not None or "" in names:
        yield f"the environment has the variable {again!r} twice" if again else "a variable has no name"
    for part in (environment.kept, environment.left_out):
        if list(part) != sorted(part):
            yield "the variables of the environment are not in their order"
