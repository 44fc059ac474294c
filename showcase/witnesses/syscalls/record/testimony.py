"""From a supervisor's records to what its witness says."""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from showcase.clock import RunClock
from showcase.evidence import EACH_READ, INSIDE_THE_TREE, NO_WAY_TO_SEND, NOTHING_SENT, Attempt, AttemptKind, Coverage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    Record = Mapping[str, Any]

_DATAGRAMS = frozenset({"udp", "udplite", "icmp", "dgram", "raw"})
_INTERNET = frozenset({"inet", "inet6"})
_NAMING = frozenset({"connect", "send", "lookup"})
REFUSED = "refused"
"""Call of a record, and first word of a count: something else than a destination that the seal does not give."""

PRIVILEGED = "privileged"
"""Count of commands that were started with rights to have the kernel act for them."""

WITHOUT_RIGHTS = "without rights"
"""Count of commands that would have had capabilities, had they not been sealed."""

UNFENCED = "unfenced"
"""Count of commands that could open what other processes of their user hold, this witness's records among it."""

AS_READ = "as read"
"""Outcome of a call that the caller made itself, so that its address may have changed after it was read."""


def read(source: Path | int) -> list[dict[str, Any]]:
    """Return the records of a supervisor. A last line that was cut off is left out; the missing end tells.

    Args:
        source: Their file, by its path or open.
    """
    try:
        data = os.pread(source, os.fstat(source).st_size, 0) if isinstance(source, int) else source.read_bytes()
    except FileNotFoundError:
        return []
    return [_parsed(line) for line in data.split(b"\n")[:-1]]


def _parsed(line: bytes) -> dict[str, Any]:
    """Return a record; one that was cut tells that its supervisor could not write it."""
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"t": 0.0, "event": "failed", "why": "a record was cut"}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What one supervisor saw of one process of the run and all that it started."""

    attempts: tuple[Attempt, ...]
    coverage: Coverage
    counts: dict[str, int]
    launched_pid: int | None


def interpret(role: str, records: list[dict[str, Any]], clock: RunClock, witness: str) -> Watched:
    """Return what follows from a supervisor's records."""
    calls = [record for record in records if record["event"] == "call"]
    repeats = [record for record in records if record["event"] == "repeated"]
    used = _last_uses(calls)
    rows = _Rows(role=role, clock=clock, witness=witness)
    for record in calls:
        attempt_kind = _kind(record)
        if attempt_kind is not None:
            rows.add(attempt_kind, record, _outcome(record, used))
    for record in repeats:
        rows.repeat(record)
    counts = _counts(records, calls)
    return Watched(
        attempts=tuple(rows.attempts()),
        coverage=_coverage(role, records, clock, counts),
        counts=counts,
        launched_pid=next((record["pid"] for record in records if record["event"] == "launched"), None),
    )


def _kind(record: Record) -> AttemptKind | None:
    """Return what kind of attempt a call was, None where it is none (a TCP bind: its listen follows)."""
    call = record["call"]
    if call == REFUSED:
        return None
    if call == "bind":
        if record.get("outcome") not in {"ok", None}:
            return None
        waits = record.get("transport") in _DATAGRAMS and record.get("port")
        return "listen" if waits or record["family"] in {"vsock", "packet"} else None
    if call == "request_key":
        return "lookup" if record["key_type"] == "dns_resolver" else None
    if call == "io_uring":
        return "socket"
    kinds: dict[str, AttemptKind] = {
        "connect": "connect",
        "send": "send",
        "lookup": "lookup",
        "listen": "listen",
        "socket": "socket",
        "reach": "reach",
        "inherited": "inherited",
    }
    return kinds[call]


def _last_uses(calls: Iterable[Record]) -> dict[object, float]:
    """Return when each socket was last seen to send.

    Were each connection held against every call, the time of a long audit would grow with the square of its calls.
    """
    last: dict[object, float] = {}
    for record in calls:
        if record["call"] in {"send", "lookup"}:
            socket = record.get("socket")
            last[socket] = max(record["t"], last.get(socket, record["t"]))
    return last


def _outcome(record: Record, used: Mapping[object, float]) -> str | None:
    call = record["call"]
    if call == "reach":
        where = INSIDE_THE_TREE if record["inside"] else "outside of the watched tree"
        return f"{where}, refused" if record["refused"] else where
    if call == "connect" and record.get("transport") in _DATAGRAMS and record["family"] in _INTERNET:
        if record.get("outcome") not in {"ok", None}:
            return str(record["outcome"])
        sent = used.get(record.get("socket"), -math.inf) >= record["t"]
        if record.get("held"):
            return EACH_READ if sent else NO_WAY_TO_SEND
        return "sent to" if sent else NOTHING_SENT
    if _as_read(record):
        return AS_READ
    if call == "bind":
        return None
    outcome = record.get("outcome")
    return None if outcome is None else str(outcome)


def _as_read(record: Record) -> bool:
    """Return whether the caller made a call itself that may have named another when the kernel read it.

    A Unix socket whose other end nobody watches is left to its caller too; its row costs the verdict as it is.
    """
    return bool(record.get("as_read")) or (
        record.get("by") == "caller" and record.get("family") in _INTERNET and record["call"] in _NAMING
    )


@dataclass(slots=True)
class _Row:
    first: float
    last: float
    count: int
    outcome: str | None
    record: Record
    kind: AttemptKind


@dataclass(slots=True)
class _Rows:
    """Attempts, merged where they differ in nothing but the moment."""

    role: str
    clock: RunClock
    witness: str
    rows: dict[tuple[object, ...], _Row] = field(default_factory=dict)

    def add(self, kind: AttemptKind, record: Record, outcome: str | None) -> None:
        key = self._key(kind, record, outcome)
        row = self.rows.get(key)
        if row is None:
            self.rows[key] = _Row(record["t"], record["t"], 1, outcome, record, kind)
        else:
            row.last = record["t"]
            row.count += 1

    def repeat(self, record: Record) -> None:
        kind = _kind(record)
        row = None if kind is None else self.rows.get(self._key(kind, record, _outcome(record, {})))
        if row is not None:
            row.count += record["repeats"]
            row.last = max(row.last, record["last"])

    @staticmethod
    def _key(kind: AttemptKind, record: Record, outcome: str | None) -> tuple[object, ...]:
        parts = ("how", "family", "address", "port", "name", "transport", "pid", "exe", "target", "descriptor", "peer")
        return (kind, outcome, *(record.get(part) for part in parts))

    def attempts(self) -> Iterator[Attempt]:
        for row in self.rows.values():
            record = row.record
            executable = record.get("exe")
            yield Attempt(
                kind=row.kind,
                family=_family(record),
                address=record.get("address"),
                port=record.get("port"),
                name=f"process {record['target']}" if "target" in record else record.get("name"),
                transport=record.get("transport"),
                pid=record.get("pid"),
                process=PurePath(executable).name if executable else None,
                role=self.role,
                first_seen_s=self.clock.at_s(row.first),
                last_seen_s=self.clock.at_s(row.last),
                count=row.count,
                witnesses=(self.witness,),
                outcome=row.outcome,
                peer=record.get("peer"),
            )


def _family(record: Record) -> str:
    if record["call"] == "reach":
        return str(record["how"])
    if record["call"] in {"io_uring", "request_key"}:
        return str(record["call"])
    return str(record.get("family", "none"))


def _counts(records: list[dict[str, Any]], calls: list[dict[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for record in records:
        if record["event"] == "end":
            counts |= {f"{name} calls": number for name, number in record.get("counts", {}).items()}
    events = [record["event"] for record in records]
    counts["unreadable"] = sum(record["event"] == "unread" for record in records)
    counts["outlived"] = events.count("outlived")
    counts["ended"] = events.count("ended")
    counts["as read"] = sum(_as_read(record) for record in calls)
    launched = [record for record in records if record["event"] == "launched"]
    counts[PRIVILEGED] = sum(bool(record["rights"]) for record in launched)
    counts[UNFENCED] = sum(not (record["fenced"] or record["rights"]) for record in launched)
    counts[WITHOUT_RIGHTS] = sum(bool(record.get("dropped")) for record in records if record["event"] == "sealed")
    for record in records:
        if record.get("call") == REFUSED:
            what = f"{REFUSED} {record['name']}"
            counts[what] = counts.get(what, 0) + record.get("repeats", 1)
    return counts


def _continued(records: list[dict[str, Any]]) -> list[str]:
    """Return who was stopped where nobody else would have continued them."""
    times = Counter((record["pid"], record["exe"]) for record in records if record["event"] == "continued")
    return [
        f"process {pid} ({exe}) was stopped and had to be continued{f', {count} times' if count > 1 else ''}"
        for (pid, exe), count in times.items()
    ]


def _coverage(role: str, records: list[dict[str, Any]], clock: RunClock, counts: dict[str, int]) -> Coverage:
    moments: dict[str, float] = {}
    for record in records:
        moments.setdefault(record["event"], record["t"])
    gaps = []
    refused = next((record for record in records if record["event"] == "refused"), None)
    if refused is not None:
        gaps.append(f"not watched: {refused['stage']}")
    elif "failed" in moments:
        gaps.append("the supervisor failed; calls after that failed with ENOSYS")
    elif "end" not in moments:
        gaps.append("the supervisor was killed; calls after that failed with ENOSYS")
    elif any(record.get("closed_early") for record in records):
        gaps.append("the listener was closed while processes lived")
    if counts["unreadable"]:
        gaps.append(f"{counts['unreadable']} calls could not be read")
    if counts["as read"]:
        gaps.append(f"{counts['as read']} calls were left to their caller, who could change what they name")
    outlived = [record for record in records if record["event"] == "outlived"]
    notes = [f"process {each['pid']} ({each['exe']}) outlived the command" for each in outlived]
    notes += [f"process {each['pid']} was ended" for each in records if each["event"] == "ended"]
    notes += _continued(records)
    from_s, until_s = moments.get("launched"), moments.get("end")
    return Coverage(
        role=role,
        from_s=None if from_s is None else clock.at_s(from_s),
        until_s=None if until_s is None else clock.at_s(until_s),
        complete=not gaps,
        note="; ".join([*gaps, *notes]),
    )
