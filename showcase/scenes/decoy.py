"""Control of the witnesses: leaks to decoys of ours, held open until the witnesses had time to see them."""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from showcase.processes.protocol.events import Connected

if TYPE_CHECKING:
    from showcase.processes.protocol.orders import Leak
    from showcase.scenes.stage import Stage

CONNECT_TIMEOUT_S = 5.0


def prepare() -> None:
    """Nothing to import."""


def play(stage: Stage[Leak]) -> None:
    """Connect to the decoy and, where ordered, to a listener of this process's own; hold both until told to go on.

    Behind a seal the decoy cannot be reached, as it should be; the own listener can, from within. Nothing is said of
    where it is: who watches knows, and who does not could be told anything.
    """
    decoy = stage.task.endpoint
    with ExitStack() as held:
        if stage.task.own:
            own = held.enter_context(socket.create_server((decoy.address, 0)))
            held.enter_context(socket.create_connection(own.getsockname(), timeout=CONNECT_TIMEOUT_S))
        with suppress(OSError):
            held.enter_context(socket.create_connection((decoy.address, decoy.port), timeout=CONNECT_TIMEOUT_S))
        stage.emit(Connected())
        stage.wait()
