"""The planted leak, from the records of its own supervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from showcase.witnesses.interface import OwnConnection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from showcase.clock import RunClock

    Record = Mapping[str, Any]


def own_connection(records: Iterable[Record], clock: RunClock) -> OwnConnection | None:
    """Return the connection that the launched process made to a listener of its own on loopback.

    Everything is the kernel's word: whom the supervisor launched, on which port it listened first, and that it went
    there. What others wrote into its pipes says nothing.
    """
    launched: Record | None = None
    until: float | None = None
    port: int | None = None
    went = whole = False
    for record in records:
        event = record["event"]
        if event == "launched":
            launched = launched or record
        elif event in {"exited", "end"}:
            until = record["t"] if until is None else until
            whole = whole or (event == "exited" and record["status"] == 0)
        elif event == "call" and launched is not None and record["pid"] == launched["pid"]:
            if record.get("transport") != "tcp" or record.get("address") != "127.0.0.1":
                continue
            if record["call"] == "listen" and port is None:
                port = record["port"]
            went = went or (record["call"] == "connect" and port is not None and record["port"] == port)
    if launched is None or port is None or not went:
        return None
    return OwnConnection(
        pid=launched["pid"],
        port=port,
        from_s=clock.at_s(launched["t"]),
        until_s=None if until is None else clock.at_s(until),
        whole=whole,
    )
