"""What is taken out of the table as the planted leak fits in everything, and nothing of that is the watched's word."""

from __future__ import annotations

from typing import Any

import pytest

from showcase.clock import RunClock
from showcase.evidence import Attempt, Endpoint, WitnessReport
from showcase.witnesses import interface
from showcase.witnesses.panel import CONTROL_ROLE, Decoy, Panel
from showcase.witnesses.syscalls.record.own_connection import own_connection

PORT = 40001
CONTROL: dict[str, Any] = {
    "kind": "connect", "family": "inet", "address": "127.0.0.1", "port": PORT, "transport": "tcp", "pid": 7,
    "process": "python", "role": CONTROL_ROLE, "first_seen_s": 2.0, "last_seen_s": 2.0, "count": 1,
    "witnesses": ("syscalls",),
}  # fmt: skip
DECOY = Decoy(
    endpoint=Endpoint(address="127.0.0.1", port=PORT), pid=7, listener_pid=7, from_s=1.0, until_s=3.0, whole=True
)


class Told:
    """A witness that says what it is told to."""

    name = "syscalls"

    def __init__(self, *rows: Attempt) -> None:
        self._rows = rows

    def unavailable(self) -> None:
        return None

    def stop(self) -> interface.Testimony:
        return interface.Testimony(report=WitnessReport(name=self.name, active=True, counts={}), attempts=self._rows)


def stop(decoy: Decoy | None, *rows: dict[str, Any]) -> tuple[bool, int]:
    """Return whether the control fired, and how many rows are left."""
    witness: Any = Told(*(Attempt(**{**CONTROL, **row}) for row in rows))
    (report,), left = Panel({"syscalls": witness}).stop(decoy)
    assert report.control is not None
    return report.control.fired, sum(row.count for row in left)


def test_the_planted_leak_is_taken_out() -> None:
    assert stop(DECOY, {}, {"kind": "listen"}, {"kind": "accept"}) == (True, 0)


@pytest.mark.parametrize(
    "other",
    [
        {"role": "command"},
        {"role": "child of command"},
        {"role": "session 2"},
        {"pid": 8},
        {"port": PORT + 1},
        {"address": "127.0.0.2"},
        {"address": "192.0.2.10"},
        {"transport": "udp"},
        {"transport": None},
        {"kind": "send"},
        {"kind": "lookup", "name": "leak.example"},
        {"kind": "reach"},
        {"first_seen_s": 0.5},
        {"first_seen_s": 60.0},
        {"count": 2},
    ],
)
def test_what_differs_in_anything_stays_and_fires_nothing(other: dict[str, Any]) -> None:
    fired, left = stop(DECOY, other)
    assert (fired, left) == (False, other.get("count", 1))


def test_who_connects_a_second_time_meets_somebody_else() -> None:
    assert stop(DECOY, {}, {"outcome": "another"}) == (True, 1)


def test_a_leak_that_somebody_ended_fires_for_nobody() -> None:
    ended = Decoy(endpoint=DECOY.endpoint, pid=7, listener_pid=7, from_s=1.0, until_s=3.0, whole=False)
    assert stop(ended, {}) == (False, 0)


CALLS: list[dict[str, Any]] = [
    {"event": "supervisor", "t": 1.0, "pid": 6},
    {"event": "launched", "t": 1.1, "pid": 7},
    {"event": "call", "t": 1.2, "call": "listen", "pid": 7, "address": "127.0.0.1", "port": PORT, "transport": "tcp"},
    {"event": "call", "t": 1.3, "call": "connect", "pid": 7, "address": "127.0.0.1", "port": PORT, "transport": "tcp"},
    {"event": "exited", "t": 1.9, "status": 0},
    {"event": "end", "t": 2.0},
]


def test_the_identity_comes_from_the_supervisor() -> None:
    found = own_connection(CALLS, RunClock(0.0))
    assert found is not None
    assert (found.pid, found.port, found.whole) == (7, PORT, True)
    assert (found.from_s, found.until_s) == (1.1, 1.9)


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (1, {"event": "refused"}),
        (2, {"pid": 9}),
        (2, {"address": "0.0.0.0"}),  # noqa: S104 - compared, not bound
        (2, {"t": 1.2, "call": "bind"}),
        (3, {"pid": 9}),
        (3, {"port": PORT + 1}),
        (3, {"transport": "udp"}),
        (3, {"address": "192.0.2.10"}),
    ],
)
def test_without_the_whole_of_it_there_is_none(number: int, change: dict[str, Any]) -> None:
    records = [{**record, **change} if at == number else record for at, record in enumerate(CALLS)]
    assert own_connection(records, RunClock(0.0)) is None


@pytest.mark.parametrize("status", [9, 19, 256])
def test_an_end_that_was_not_its_own(status: int) -> None:
    records = [{**record, "status": status} if record["event"] == "exited" else record for record in CALLS]
    found = own_connection(records, RunClock(0.0))
    assert found is not None
    assert not found.whole
    found = own_connection(CALLS[:4], RunClock(0.0))
    assert found is not None
    assert not found.whole
