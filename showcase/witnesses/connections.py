"""The table of connections: what several witnesses saw of the same attempt is one row."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

from showcase.evidence import EACH_READ, NEVER_CONNECTED, NO_WAY_TO_SEND, NOTHING_SENT, Attempt, Peer

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping


_STREAMS = frozenset({"tcp", "mptcp", "sctp", "stream"})
_CANNOT_TELL = frozenset({"hook", "sockets"})
"""Witnesses that see a datagram socket's `connect` and not whether anything was sent on it afterwards; nor do they
see every connection of a process."""


def merge(attempts: Iterable[Attempt]) -> tuple[Attempt, ...]:
    """Return one row for each process, kind and destination, first seen first.

    A count is the highest of what any one witness counted: two that each saw three saw the same three. Attempts
    that cannot be the same stay apart, though they lead to the same place: by TCP and by UDP, by two roles, and a
    question to the routing table beside a connection that carried something.
    """
    groups: dict[tuple[Hashable, ...], list[Attempt]] = defaultdict(list)
    for row in attempts:
        groups[row.kind, row.pid, _spelled(row.address), row.port, row.name].append(row)
    _join_lookups(groups)
    merged = [_one(part.in_order()) for rows in groups.values() for part in _apart(rows)]
    return tuple(sorted(merged, key=lambda row: (row.first_seen_s, row.kind, row.address or row.name or "")))


def _join_lookups(groups: dict[tuple[Hashable, ...], list[Attempt]]) -> None:
    """Put a lookup seen within a process beside the question that was seen to leave it for a name server."""
    asked: dict[tuple[Hashable, ...], list[Attempt]] = {}
    for (kind, pid, address, _, name), rows in groups.items():
        if kind == "lookup" and address is not None:
            asked.setdefault((pid, name), rows)
    for key in list(groups):
        kind, pid, address, _, name = key
        if kind == "lookup" and address is None and (pid, name) in asked:
            asked[pid, name] += groups.pop(key)


@dataclass(slots=True)
class _Part:
    """Rows that may be the same attempt. None: nobody said yet."""

    role: str | None = None
    way: str | None = None
    probe: bool | None = None
    peer: Peer | None = None
    zone: str | None = None
    rows: list[tuple[int, Attempt]] = field(default_factory=list)

    def takes(self, number: int, row: Attempt) -> bool:
        """Add the row and return True, unless it says something else than those that are here."""
        said = (_role(row), _way(row), _probe(row), row.peer, _zone(row))
        if any(None not in (one, other) and one != other for one, other in zip(said, self._said(), strict=True)):
            return False
        role, way, probe, peer, zone = said
        self.role = self.role if role is None else role
        self.way = self.way if way is None else way
        self.probe = self.probe if probe is None else probe
        self.peer = self.peer if peer is None else peer
        self.zone = zone if self.zone is None else self.zone
        self.rows.append((number, row))
        return True

    def _said(self) -> tuple[str | None, str | None, bool | None, Peer | None, str | None]:
        return self.role, self.way, self.probe, self.peer, self.zone

    def in_order(self) -> list[Attempt]:
        return [row for _, row in sorted(self.rows, key=lambda numbered: numbered[0])]


def _apart(rows: list[Attempt]) -> list[_Part]:
    """Return the rows of one destination, apart where they cannot be the same attempt.

    Those that know most come first. A row that leaves open what was sent then goes with one that carried something,
    so that no probe covers it.
    """
    parts: list[_Part] = []
    for number, row in sorted(enumerate(rows), key=lambda numbered: _openness(numbered[1])):
        if not any(part.takes(number, row) for part in parts):
            part = _Part()
            part.takes(number, row)
            parts.append(part)
    return parts


def _openness(row: Attempt) -> tuple[bool, bool, bool, bool, bool]:
    probe = _probe(row)
    return probe is not False, probe is None, row.peer == "watched", _role(row) is None, _zone(row) is None


def _role(row: Attempt) -> str | None:
    """Return who it was; a process that was seen before anybody knew its role is a child of somebody."""
    return None if row.role.startswith("child of ") else row.role


def _spelled(address: str | None) -> str | None:
    """Return an address in one spelling and without its zone, anything else as it is: the kernel has no `FE80::0:1`."""
    try:
        return str(ip_address((address or "").partition("%")[0]))
    except ValueError:
        return address


def _zone(row: Attempt) -> str | None:
    """Return the link that the address is on, None where the witness does not know of it."""
    return (row.address or "").partition("%")[2] or None


def _way(row: Attempt) -> str | None:
    """Return how it went. A lookup is one lookup, whichever way its question went."""
    if row.kind == "lookup" or row.transport is None:
        return None
    return "stream" if row.transport in _STREAMS else "datagram"


def _probe(row: Attempt) -> bool | None:
    """Return whether nothing was sent, None where those who saw the row cannot tell."""
    if row.outcome in {NOTHING_SENT, NO_WAY_TO_SEND}:
        return True
    return None if set(row.witnesses) <= _CANNOT_TELL else False


def _one(rows: list[Attempt]) -> Attempt:
    counts: dict[tuple[str, ...], int] = defaultdict(int)
    for row in rows:
        counts[row.witnesses] += row.count
    # The witness inside a process knows least of the process's own name and most of the call.
    outside = next((row for row in rows if row.witnesses != ("hook",)), rows[0])
    address = next((row.address for row in rows if _zone(row)), outside.address)
    packages = sorted({row.package for row in rows if row.package})
    return replace(
        outside,
        address=address,
        role=next((row.role for row in rows if not row.role.startswith("child of ")), outside.role),
        package="; ".join(packages) or None,
        transport=next((row.transport for row in rows if row.transport), None),
        outcome=_outcome(rows),
        peer=_peer(rows, counts),
        first_seen_s=min(row.first_seen_s for row in rows),
        last_seen_s=max(row.last_seen_s for row in rows),
        count=max(counts.values()),
        witnesses=tuple(sorted({name for row in rows for name in row.witnesses})),
    )


def _peer(rows: list[Attempt], counts: Mapping[tuple[str, ...], int]) -> Peer | None:
    """Return who had the other end.

    A sampler, and the witness within a process, know it of what they saw, which counts where it was all of it.
    """
    for row in rows:
        if row.peer is not None and not (set(row.witnesses) <= _CANNOT_TELL and _partial(row, rows, counts)):
            return row.peer
    return None


def _partial(row: Attempt, rows: list[Attempt], counts: Mapping[tuple[str, ...], int]) -> bool:
    own = [each for each in rows if each.witnesses == row.witnesses]
    return counts[row.witnesses] < max(counts.values()) or any(each.peer is None for each in own)


def _outcome(rows: list[Attempt]) -> str | None:
    """Return the latest outcome, that of an attempt which got through before that of one which reached nobody.

    That a datagram socket could send nothing, or nothing that was not read, counts where every one of them says so.
    """
    told = [row.outcome for row in reversed(rows) if row.outcome]
    found = next((each for each in told if each not in NEVER_CONNECTED), told[0] if told else None)
    if found in (EACH_READ, NO_WAY_TO_SEND):
        return next((weaker for weaker in ("sent to", NOTHING_SENT) if weaker in told), found)
    return found
