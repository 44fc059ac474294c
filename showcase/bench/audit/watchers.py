"""What the watchers use while they watch: processor time, at rest and while a program connects."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from showcase.bench.audit.plan import NOBODY
from showcase.bench.audit.playing import play, timed
from showcase.bench.audit.samplers import PERIOD_S
from showcase.witnesses.hook import HookWitness
from showcase.witnesses.sockets import SocketsWitness
from showcase.witnesses.syscalls.witness import SyscallsWitness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.bench.audit.sample import Spent
    from showcase.witnesses.interface import Witness


def watched(who: str, rate: int, seconds: float) -> Spent:
    """Let a program connect so often a second for some seconds, and return what it and its watchers took together."""
    with _taking_all() as port:
        witnesses = _witnesses(who, port)
        order = {
            "ports": [port] if rate else [],
            "lifetime_s": 0,
            "pause": False,
            "hook": any(each.name == HookWitness.name for each in witnesses),
            "for_s": seconds,
            "rate": rate,
        }
        with timed() as timing:
            play(order, witnesses, lambda _child: None)
        return timing.spent


def _witnesses(who: str, port: int) -> list[Witness]:
    if who == NOBODY:
        return []
    if who == SocketsWitness.name:
        return [SocketsWitness(PERIOD_S)]
    if who == HookWitness.name:
        return [HookWitness()]
    syscalls = SyscallsWitness()
    if who == SyscallsWitness.name:
        return [syscalls]
    together: list[Witness] = [SocketsWitness(PERIOD_S), HookWitness(), syscalls]
    if who != "all, sealed":
        return together
    from showcase.witnesses.seal.witness import SealWitness  # noqa: PLC0415 - a module of Linux

    seal = SealWitness(syscalls)
    seal.ports = (port,)
    return [*together, seal]


@contextmanager
def _taking_all() -> Iterator[int]:
    """Take every connection to a port, in every arm the same, so that there is room for the next."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
        port: int = listener.getsockname()[1]

        def take() -> None:
            while not over.is_set():
                listener.accept()[0].close()

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        try:
            yield port
        finally:
            over.set()
            # To close a listener does not wake who waits for it everywhere; a connection does.
            socket.create_connection(("127.0.0.1", port)).close()
            thread.join()
