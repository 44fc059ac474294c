"""What is made of a supervisor's records: work that grows with their number, not with its square."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from working import assert_linear

from showcase.clock import RunClock
from showcase.evidence import EACH_READ, NO_WAY_TO_SEND, NOTHING_SENT
from showcase.witnesses.connections import merge
from showcase.witnesses.seal.agreement import compare
from showcase.witnesses.syscalls.record.testimony import interpret

if TYPE_CHECKING:
    from watching import Watcher

DATAGRAMS = """
import socket
for port in (40053, 40054):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as each:
        each.connect(("127.0.0.1", port))
        if port == 40053:
            each.send(b"a datagram to nobody")
    with socket.socket() as other:
        other.connect_ex(("127.0.0.1", port))
"""


def multiplied(records: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    """Return real records with their calls again and again, each time of other sockets and to somebody else."""
    calls = [record for record in records if record["event"] == "call"]
    first = next(place for place, record in enumerate(records) if record["event"] == "call")
    grown = []
    for turn in range(number // len(calls)):
        for record in calls:
            named = {"address": f"127.0.{turn >> 8}.{turn & 255}"} if "address" in record else {}
            grown.append({**record, **named, "socket": (turn, record.get("socket"))})
    return [*records[:first], *grown, *(each for each in records[first:] if each["event"] != "call")]


def test_records_of_many_calls_are_read_in_linear_time(watch: Watcher) -> None:
    records = watch(DATAGRAMS).records

    def read(grown: list[dict[str, Any]]) -> None:
        watched = interpret("child", grown, RunClock(), "syscalls")
        outcomes = {row.outcome for row in watched.attempts if row.transport == "udp" and row.kind == "connect"}
        assert {"sent to", NOTHING_SENT} & outcomes or {EACH_READ, NO_WAY_TO_SEND} <= outcomes
        merge(watched.attempts)
        compare(grown)

    assert_linear(lambda number: multiplied(records, number), read)
