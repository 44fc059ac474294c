"""Control of the witnesses: a leak to a decoy of ours, held open until the witnesses had time to see it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from showcase.scenes.stage import Stage

CONNECT_TIMEOUT_S = 5.0


def prepare() -> None:
    """Nothing to import."""


def play(stage: Stage) -> None:
    """Connect to the decoy and hold the connection until told to go on."""
    decoy = stage.endpoint
    with socket.create_connection((decoy.address, decoy.port), timeout=CONNECT_TIMEOUT_S):
        stage.emit({"event": "connected"})
        stage.wait()
