"""Witness `seal`: nothing could leave, and what tried is on the namespace's own wire."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from showcase.evidence import Attempt, Coverage, WitnessReport
from showcase.witnesses import unseen
from showcase.witnesses.interface import Testimony
from showcase.witnesses.seal.agreement import compare, place
from showcase.witnesses.syscalls.command import why_unavailable
from showcase.witnesses.syscalls.record.testimony import interpret
from showcase.witnesses.syscalls.rules.unix import LEADS_OUT
from showcase.witnesses.syscalls.supervisor.fence import HOLDS_SIGNALS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.clock import RunClock
    from showcase.processes.protocol.events import Event
    from showcase.witnesses.syscalls.witness import SyscallsWitness

BRIDGE_UNSEEN, DOOR_UNSEEN = unseen.BRIDGE.text, unseen.DOOR.text
UNPROTECTED_UNSEEN, LANDLOCK_UNSEEN = unseen.UNPROTECTED.of(), unseen.SIGNALS.of()

_STREAMS = ("standard input", "standard output", "standard error")
_OTHERWISE = "</dev/null and 2>&1 | cat"
"""What gives a command no stream that is a socket; pipes and files carry bytes alone."""

_SYSCTLS = (
    "sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone or "
    "kernel.apparmor_restrict_unprivileged_userns forbids it, or the container does"
)


class SealWitness:
    """Has every process that `syscalls` watches run in a namespace of its own, and testifies for its walls.

    One supervisor serves both witnesses, so this one wraps nothing itself. `ports` and `doors` may be set until a
    process is wrapped: an engine's port is known late.

    Args:
        syscalls: The witness whose supervisors make the seals; it is told to.
        ports: Loopback ports outside to which a bridge leads.
    """

    name = "seal"

    def __init__(self, syscalls: SyscallsWitness, ports: Sequence[int] = ()) -> None:
        self.ports = tuple(ports)
        self.doors: dict[str, int] = {}
        """Ports by which servers are reached from outside, by role. A server has no bridge: it asks nobody."""
        self.more_ports: dict[str, tuple[int, ...]] = {}
        """Ports for one role alone: the control's decoy."""
        self._syscalls = syscalls
        self._clock: RunClock | None = None
        syscalls.options_for = self._options

    def _options(self, role: str) -> tuple[str, ...]:
        if self._clock is None:
            return ()
        if role in self.doors:
            return ("--seal", "", "--door", str(self.doors[role]))
        return ("--seal", ",".join(map(str, (*self.ports, *self.more_ports.get(role, ())))))

    def unavailable(self) -> str | None:
        """Return why no seal can be made here, with the setting that forbids it; None where one was made.

        The supervisor that makes it has to work without one too: else a command would run without its walls.
        """
        return self._why_unavailable

    @cached_property
    def _why_unavailable(self) -> str | None:
        reason = why_unavailable("--seal", "") or self._syscalls.unavailable()
        if reason is not None and "preparation" in reason:
            return f"no user namespace can be made ({reason}): {_SYSCTLS}"
        return reason

    def start(self, clock: RunClock) -> None:
        """From now on processes are sealed."""
        self._clock = clock

    def wrap(self, role: str, command: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002 - the interface's
        """Return the command unchanged: the supervisor of `syscalls` makes the seal."""
        return tuple(command)

    def enter(self, role: str, pid: int) -> None:
        """Nothing: the namespace was closed before the process ran its first instruction."""

    def heard(self, role: str, pid: int, event: Event) -> None:
        """Nothing that a process says of itself matters here."""

    def leave(self, role: str, pid: int) -> None:
        """Nothing: the records are read by `syscalls`."""

    def stop(self) -> Testimony:
        """Testify: which processes were sealed, what stayed inside, and whether wire and calls agree."""
        assert self._clock is not None, "stop() follows start()"  # noqa: S101 - the interface's contract
        attempts: list[Attempt] = []
        coverage: list[Coverage] = []
        counts: Counter[str] = Counter()
        fences = []
        unprotected = False
        for role, records in self._syscalls.records.items():
            if not self._options(role):
                continue
            sealed = _Sealed(role, records, self._clock)
            attempts += sealed.attempts()
            counts.update(sealed.counts())
            coverage.append(sealed.coverage())
            fences.append(sealed.fence)
            unprotected = unprotected or sealed.unprotected
        self._syscalls.options_for = None
        report = WitnessReport(
            name=self.name,
            active=bool(coverage),
            reason="" if coverage else "no process was sealed",
            started_s=min((each.from_s for each in coverage if each.from_s is not None), default=None),
            ended_s=max((each.until_s for each in coverage if each.until_s is not None), default=None),
            counts=dict(counts),
            coverage=tuple(coverage),
            unseen=(
                # Where a server is behind a door, it is the one behind the allowed port, and as sealed as the others.
                DOOR_UNSEEN if self.doors else BRIDGE_UNSEEN,
                *unseen.texts(unseen.SEAL),
                *([] if min(fences, default=0) >= HOLDS_SIGNALS else [LANDLOCK_UNSEEN]),
                *([UNPROTECTED_UNSEEN] if unprotected else []),
            ),
        )
        return Testimony(report=report, attempts=tuple(attempts))


class _Sealed:
    """One process's seal, from its supervisor's records."""

    def __init__(self, role: str, records: list[dict[str, Any]], clock: RunClock) -> None:
        self._role = role
        self._clock = clock
        self._records = records
        self._made = next((record for record in records if record["event"] == "sealed"), None)
        self._end = next((record for record in records if record["event"] == "unsealed"), None)
        self._agreement = compare(records)
        self._watched = interpret(role, records, clock, SealWitness.name)
        self.unprotected = bool(self._made and self._made["unprotected"])
        self.fence: int = 0 if self._made is None else self._made["fence"]

    def attempts(self) -> list[Attempt]:
        """Return what the wire saw: under the call that caused it, or by itself where none is known."""
        ports = () if self._made is None else tuple(self._made["ports"])
        rows = []
        for row in self._watched.attempts:
            if row.kind not in {"connect", "send", "lookup"} or row.family not in {"inet", "inet6"}:
                continue
            if place({"transport": row.transport, "address": row.address, "port": row.port}) in self._agreement.on_wire:
                bridged = row.address == "127.0.0.1" and row.port in ports
                outcome = "bridged to the same port outside" if bridged else "stayed inside the seal"
                rows.append(replace(row, outcome=outcome))
        rows += [self._stray(record, "send", None) for record in self._agreement.unexplained]
        rows += [self._stray(record, "lookup", record["name"]) for record in self._agreement.unheard]
        return rows

    def _stray(self, record: Mapping[str, Any], kind: Any, name: str | None) -> Attempt:  # noqa: ANN401 - a Literal
        address = record.get("address")
        moment = self._clock.at_s(record["t"])
        return Attempt(
            kind=kind,
            family="inet6" if ":" in (address or "") else "inet",
            address=address,
            port=record.get("port"),
            name=name,
            transport=record["transport"],
            pid=None,
            process=None,
            role=self._role,
            first_seen_s=moment,
            last_seen_s=moment,
            count=record.get("count", 1),
            witnesses=(SealWitness.name,),
            outcome="stayed inside the seal; no recorded call explains it",
        )

    def counts(self) -> dict[str, int]:
        """Return what the wire, the name server and the bridges counted."""
        end = self._end or {}
        return {
            "packets": sum(record["count"] for record in self._records if record["event"] == "packets"),
            "packets lost": end.get("lost", 0),
            "names asked": sum(record["event"] == "asked" for record in self._records),
            "bridged connections": sum(bridge["carried"] for bridge in end.get("bridges", ())),
            "bridge refusals": sum(bridge["refused"] for bridge in end.get("bridges", ())),
            "let in by a door": end.get("entered", 0),
            "unexplained": len(self._agreement.unexplained) + len(self._agreement.unheard),
            "crossings": self._crossings(),
            "crossings refused": sum(row.outcome == LEADS_OUT for row in self._watched.attempts),
        }

    def _crossings(self) -> int:
        """Return how often a Unix socket that leads out was used though nobody allowed it: a hole in the walls."""
        return sum(
            record["event"] == "call" and record.get("peer") == "unwatched" and "allowed" not in record
            for record in self._records
            if record.get("family") == "unix"
        )

    def _entrances(self) -> list[str]:
        """Return paths that were bound: the file system is shared, and who comes in may hand over what leads out.

        One that lies in a file system of the seal's own, such as its /dev/shm, is no entrance.
        """
        calls = [record for record in self._records if record["event"] == "call" and record.get("family") == "unix"]
        private = {record["socket"] for record in calls if record["call"] == "listen" and record.get("private")}
        bound = [record for record in calls if record["call"] == "bind" and record.get("socket") not in private]
        names = {record.get("name") or "@" for record in bound}
        return sorted(name for name in names if not name.startswith("@"))

    def coverage(self) -> Coverage:
        """Return whether the walls stood for the whole time and nothing led through them."""
        gaps = []
        if self._made is None:
            gaps.append("it was not sealed")
        elif self._end is None:
            gaps.append("the supervisor was killed; the walls stand without it, the counts end there")
        if self._made is not None and self._made["uncovered"]:
            gaps.append(f"could not be covered: {', '.join(self._made['uncovered'])}")
        if self._end is not None and self._end["lost"]:
            gaps.append(f"{self._end['lost']} packets were not counted")
        unexplained = len(self._agreement.unexplained) + len(self._agreement.unheard)
        if unexplained:
            gaps.append(f"{unexplained} destinations on the wire that no recorded call explains")
        if self._crossings():
            gaps.append("a Unix socket that leads out of the seal was used")
        entrances = self._entrances()
        gaps += [f"the Unix socket {path}, bound inside, can be entered from outside" for path in entrances]
        if entrances:
            gaps.append("in /dev/shm, which is the seal's own, it could not: --env TMPDIR=/dev/shm")
        gaps += [
            f"{_STREAMS[record['descriptor']]} was a socket already when it was sealed: start it with {_OTHERWISE}"
            for record in self._records
            if record["event"] == "call" and record["call"] == "inherited"
        ]
        return replace(self._watched.coverage, complete=not gaps and self._end is not None, note="; ".join(gaps))
