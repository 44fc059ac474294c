"""What a sampler saw of sockets, look after look: one entry for each process, kind and destination."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from showcase.evidence import Attempt, AttemptKind
from showcase.evidence.addresses import numeric
from showcase.witnesses.socket_table import End, InternetSocket, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.evidence import Peer


_MAPPED = "::ffff:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The internet sockets that one process had in one look at all of them."""

    pid: int
    role: str
    sockets: list[InternetSocket]


def _end(end: End) -> tuple[str, int]:
    """Return an end as the other end knows it: one socket for both families shows IPv4 as mapped addresses."""
    address = str(end.ip).lower()
    return str(numeric(address)) if address.startswith(_MAPPED) else address, int(end.port)


@dataclass(slots=True)
class _Sighting:
    kind: AttemptKind
    role: str
    process: str
    transport: str
    family: str
    first_s: float
    last_s: float
    outcome: str | None = None
    ours: dict[int, bool] = field(default_factory=dict)
    """For each local port whether its other end was once seen in a process of the same look."""

    @property
    def peer(self) -> Peer | None:
        """Who had the other ends: known where all of them were seen."""
        return "watched" if self.kind == "connect" and self.ours and all(self.ours.values()) else None


class Sightings:
    """Gathers looks."""

    def __init__(self) -> None:
        self._seen: dict[tuple[AttemptKind, int, str, int], _Sighting] = {}
        self._came_in: set[tuple[int, InternetSocket]] = set()

    def __len__(self) -> int:
        """Count the different destinations."""
        return len(self._seen)

    def add(self, looks: Sequence[Look], now_s: float) -> None:
        """Take note of one look at every process of the tree.

        A socket whose other end another of them has, or the same process, leads to the watched: so it is with the
        connected pairs that an event loop makes of a loopback connection where the system has no other pairs.
        """
        rows = [row for look in looks for row in look.sockets]
        listening = {row.local for row in rows if row.status == psutil.CONN_LISTEN}
        # One that came in stays so, also when its listener is closed before it.
        before, self._came_in = self._came_in, set()
        ends = {(row.kind, _end(row.local), _end(row.remote)) for row in rows if row.remote}
        for look in looks:
            for row in look.sockets:
                met = row.remote is not None and (row.kind, _end(row.remote), _end(row.local)) in ends
                came_in = _is_beside(row, listening) or (look.pid, _untimed(row)) in before
                if came_in and row.remote is not None:
                    self._came_in.add((look.pid, _untimed(row)))
                self._note(look, row, now_s, came_in=came_in, met=met)

    def attempts(self, witness: str) -> Iterator[Attempt]:
        """Return a row for each destination, as `witness` testifies to it."""
        for (_, pid, address, port), seen in self._seen.items():
            yield Attempt(
                kind=seen.kind,
                family=seen.family,
                address=address,
                port=port,
                transport=seen.transport,
                pid=pid,
                process=seen.process,
                role=seen.role,
                first_seen_s=seen.first_s,
                last_seen_s=seen.last_s,
                count=len(seen.ours),
                witnesses=(witness,),
                outcome=seen.outcome,
                peer=seen.peer,
            )

    def _note(self, look: Look, row: InternetSocket, now_s: float, *, came_in: bool, met: bool) -> None:
        if row.status == psutil.CONN_LISTEN:
            kind: AttemptKind = "listen"
            end = row.local
        elif row.remote is not None:
            kind = "accept" if came_in else "connect"
            end = row.remote
        else:
            return
        key = (kind, look.pid, end.ip, end.port if kind != "accept" else row.local.port)
        seen = self._seen.get(key)
        if seen is None:
            family = "inet6" if ":" in end.ip else "inet"
            transport = "udp" if row.kind == socket.SOCK_DGRAM else "tcp"
            seen = self._seen[key] = _Sighting(kind, look.role, name_of(look.pid), transport, family, now_s, now_s)
        seen.role, seen.last_s, seen.outcome = look.role, now_s, row.status
        port = row.local.port if kind != "accept" or row.remote is None else row.remote.port
        seen.ours[port] = seen.ours.get(port, False) or met


def _is_beside(row: InternetSocket, listening: set[End]) -> bool:
    """Return whether one of the watched waits where a socket is."""
    bound = (row.local.ip, "0.0.0.0", "::")  # noqa: S104 - compared, not bound
    return bool({End(address, row.local.port) for address in bound} & listening)


def _untimed(row: InternetSocket) -> InternetSocket:
    """Return a socket without its state, which changes while it stays the same."""
    return row._replace(status="")
