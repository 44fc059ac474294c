"""What several witnesses say of one thing is one row, and a copy of a socket is no second connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from showcase.evidence import Attempt, WitnessReport
from showcase.witnesses import interface
from showcase.witnesses.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.clock import RunClock


class Said:
    """A witness that says what it is told to."""

    supervisors = frozenset({7})

    def __init__(self, name: str, *rows: Attempt) -> None:
        self.name = name
        self._rows = rows

    def unavailable(self) -> str | None:
        return None

    def start(self, clock: RunClock) -> None: ...

    def wrap(self, _role: str, command: Sequence[str]) -> tuple[str, ...]:
        return tuple(command)

    def enter(self, role: str, pid: int) -> None: ...

    def heard(self, role: str, pid: int, event: Any) -> None: ...

    def leave(self, role: str, pid: int) -> None: ...

    def stop(self) -> interface.Testimony:
        return interface.Testimony(report=WitnessReport(name=self.name, active=True, counts={}), attempts=self._rows)


def row(pid: int, port: int, witness: str) -> Attempt:
    return Attempt(
        kind="connect", family="inet", address="192.0.2.1", port=port, pid=pid, process="p", role=f"role of {pid}",
        first_seen_s=1.0, last_seen_s=1.0, count=1, witnesses=(witness,),
    )  # fmt: skip


def test_a_supervisor_s_copy_of_a_socket_is_its_caller_s() -> None:
    sockets = Said("sockets", row(7, 80, "sockets"), row(7, 81, "sockets"), row(8, 80, "sockets"))
    syscalls = Said("syscalls", row(9, 80, "syscalls"))
    _, table = Panel({"sockets": sockets, "syscalls": syscalls}).stop(None)
    assert {(each.pid, each.port) for each in table} == {(7, 81), (8, 80), (9, 80)}, "what only it has is its own"
