"""A session with nobody around it: the scene alone, no witness, no events, no order to wait for."""

from __future__ import annotations

import sys

from showcase.processes.protocol.orders import GoOn
from showcase.processes.protocol.wire import read_order
from showcase.scenes import play, prepare_scene


def main() -> None:
    """Play the scene whose two orders stand on stdin."""
    prepare_scene(read_order(sys.stdin.buffer.readline()))
    task = read_order(sys.stdin.buffer.readline())
    play(task, emit=lambda _event: None, wait=lambda: GoOn(ask=True))


if __name__ == "__main__":
    main()
