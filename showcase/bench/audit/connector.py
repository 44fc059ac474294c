"""A child that connects: `python -m showcase.bench.audit.connector ORDER`, with the audit hook where the order says so.

Events go to stdout, one JSON object a line; the last one holds what each connect took, in seconds.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from contextlib import suppress
from typing import Any

from showcase import __version__
from showcase.processes.protocol.events import Exit, Spawned, Timed
from showcase.processes.protocol.wire import document

PAUSE_S = 0.01


def main() -> None:
    """Connect to each port of the order in turn and hold each for `lifetime_s`; or at a `rate` a second, `for_s`."""
    order = json.loads(sys.argv[1])

    def write(event: dict[str, Any]) -> None:
        os.write(1, json.dumps({**event, "t": time.monotonic()}).encode() + b"\n")

    if order["hook"]:
        from showcase.witnesses import recorder  # noqa: PLC0415 - only where it is asked for

        recorder.install(write)
    write(document(Spawned(pid=os.getpid(), hook=order["hook"], version=__version__)))
    sys.stdin.readline()
    took = _at_a_rate(order["ports"], order["rate"], order["for_s"]) if "rate" in order else []
    for port in [] if "rate" in order else order["ports"]:
        with socket.socket() as connection, suppress(ConnectionError):
            began = time.perf_counter()
            connection.connect(("127.0.0.1", port))
            took.append(time.perf_counter() - began)
            if order["lifetime_s"]:
                time.sleep(order["lifetime_s"])
        if order["pause"]:
            time.sleep(PAUSE_S)
    write(document(Timed(seconds=tuple(took))))
    write(document(Exit()))


def _at_a_rate(ports: list[int], rate: int, for_s: float) -> list[float]:
    """Connect so many times a second for so long, in portions of what the clock is late by; or wait where it is 0."""
    began, made = time.monotonic(), 0
    while (passed_s := time.monotonic() - began) < for_s:
        while made < passed_s * rate:
            with socket.socket() as connection, suppress(ConnectionError):
                connection.connect(("127.0.0.1", ports[made % len(ports)]))
            made += 1
        time.sleep(PAUSE_S if rate else for_s - passed_s)
    return []


if __name__ == "__main__":
    main()
