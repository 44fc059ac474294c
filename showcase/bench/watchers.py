"""What the watchers use while they watch: processor time a second, at rest and while a program connects."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.bench.audit import play
from showcase.bench.samplers import PERIOD_S
from showcase.witnesses.hook import HookWitness
from showcase.witnesses.sockets import SocketsWitness
from showcase.witnesses.syscalls.command import why_unavailable
from showcase.witnesses.syscalls.witness import SyscallsWitness

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.witnesses.interface import Witness

RATES = (0, 100, 1000)
"""Connections a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchCost:
    """What watching a program takes beyond the program.

    Attributes:
        watched_by: Who watches.
        connections_a_second: What the program does meanwhile: so many connections to a listener on loopback.
        share: Seconds of processor time a second, of the watchers and of what they make the program do; less than the
            start of a watcher a second is not told from nothing.
    """

    watched_by: str
    connections_a_second: int
    share: float


def watch_costs(seconds: float) -> list[WatchCost]:
    """Let a program connect at each rate for some seconds, watched by nobody, by each, and by all as in a run."""
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
        threading.Thread(target=_take_all, args=(listener,), daemon=True).start()
        found = []
        for rate in RATES:
            alone_s = _used(listener, rate, seconds, list)
            for name, make in _arms(listener.getsockname()[1]).items():
                more_s = _used(listener, rate, seconds, make) - alone_s
                found.append(WatchCost(watched_by=name, connections_a_second=rate, share=max(0.0, more_s / seconds)))
        return found


def _arms(port: int) -> dict[str, Callable[[], list[Witness]]]:
    arms: dict[str, Callable[[], list[Witness]]] = {
        "sockets": lambda: [SocketsWitness(PERIOD_S)],
        "hook": lambda: [HookWitness()],
    }
    if why_unavailable() is None:
        arms["syscalls"] = lambda: [SyscallsWitness()]
        arms["all, not sealed"] = lambda: [SocketsWitness(PERIOD_S), HookWitness(), SyscallsWitness()]
    if why_unavailable("--seal", "") is None:
        arms["all, sealed"] = lambda: _sealed(port)
    return arms


def _sealed(port: int) -> list[Witness]:
    from showcase.witnesses.seal.witness import SealWitness  # noqa: PLC0415 - a module of Linux

    syscalls = SyscallsWitness()
    seal = SealWitness(syscalls)
    seal.ports = (port,)
    return [SocketsWitness(PERIOD_S), HookWitness(), syscalls, seal]


def _used(listener: socket.socket, rate: int, seconds: float, make: Callable[[], list[Witness]]) -> float:
    """Return the processor time of this process and its children that one arm took, in seconds."""
    witnesses = make()
    ports = [listener.getsockname()[1]] if rate else []
    order = {
        "ports": ports,
        "lifetime_s": 0,
        "pause": False,
        "hook": any(each.name == "hook" for each in witnesses),
        "for_s": seconds,
        "rate": rate,
    }
    before = sum(os.times()[:4])
    play(order, witnesses, lambda _child: None)
    return sum(os.times()[:4]) - before


def _take_all(listener: socket.socket) -> None:
    """Take every connection, in every arm the same, so that there is room for the next."""
    with suppress(OSError):  # it was closed
        while True:
            listener.accept()[0].close()
