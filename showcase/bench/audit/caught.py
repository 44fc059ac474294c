"""Which of planted connections each watcher sees, all watchers at once."""

from __future__ import annotations

import json
import socket
import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING

from showcase.bench.audit.playing import PYTHON, environment, play
from showcase.bench.audit.sample import Caught
from showcase.bench.audit.samplers import PERIOD_S, TOOLS
from showcase.witnesses.hook import HookWitness
from showcase.witnesses.sockets import SocketsWitness
from showcase.witnesses.syscalls.witness import SyscallsWitness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.witnesses.interface import Witness

_LOOP = " loop"


def caught(lifetime_ms: int, planted: int, looking: Sequence[str]) -> Caught:
    """Plant connections of one lifetime, each to a listener of its own.

    Args:
        lifetime_ms: How long each connection is held.
        planted: How many.
        looking: Who looks.
    """
    witnesses: list[Witness] = [SocketsWitness(PERIOD_S), HookWitness()]
    if SyscallsWitness.name in looking:
        witnesses.append(SyscallsWitness())
    samplers: dict[str, subprocess.Popen[str]] = {}

    def spawned(child: subprocess.Popen[str]) -> None:
        for name in TOOLS:
            if f"{name}{_LOOP}" in looking:
                command = [*PYTHON, "showcase.bench.audit.samplers", name, str(child.pid)]
                samplers[name] = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
                )
        for sampler in samplers.values():
            assert sampler.stdout is not None, "it is a pipe"  # noqa: S101 - Popen's contract
            sampler.stdout.readline()  # it has looked once

    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(planted)]
        ports = [listener.getsockname()[1] for listener in listeners]
        order = {"ports": ports, "lifetime_s": lifetime_ms / 1000, "hook": True, "pause": True}
        attempts = play(order, witnesses, spawned)
        by: dict[str, int] = {}
        for witness in witnesses:
            seen = {row.port for row in attempts[witness.name] if row.kind == "connect"}
            by[witness.name] = len(seen.intersection(ports))
        for name, sampler in samplers.items():
            output, _ = sampler.communicate("", timeout=30)
            by[f"{name}{_LOOP}"] = len(set(json.loads(output)).intersection(ports))
    return Caught(planted=planted, by=by)
