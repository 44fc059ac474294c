"""What was seen of the processes from beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.evidence.fact import Fact

AttemptKind = Literal["connect", "lookup", "send", "listen", "accept", "socket", "reach", "inherited"]
"""The first three name a destination, the next two wait for others. socket: one of a kind whose destinations no
later call need name (raw, packet, vsock), or an io_uring. reach: took hold of another process. inherited: a socket
that was open already when the process began."""

NOTHING_SENT = "route probe, nothing was sent"
"""Outcome of a datagram socket's `connect` that no datagram was seen to follow; not every way to send one is seen."""

NO_WAY_TO_SEND = "asked for a route, nothing could be sent"
"""Likewise, of one whose socket led nowhere: its connection was made in a way that nothing can be sent over."""

EACH_READ = "each datagram was read and sent by the supervisor"
"""Likewise, of one whose socket was left unconnected: what was not read had no destination."""

Peer = Literal["watched", "unwatched", "nobody"]
"""Who has the other end of a socket of this machine: a process of the watched tree, somebody else, no process."""

NEVER_CONNECTED = frozenset(
    {"EACCES", "EADDRNOTAVAIL", "EAFNOSUPPORT", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EPERM"}
)
"""Outcomes of a stream's `connect` that reached nobody, so that nothing was told."""

INSIDE_THE_TREE = "inside the watched tree"
"""Outcome of a reach for a process that is watched as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(Fact):
    """Something that a process of the watched tree did towards another endpoint, or waited for.

    The same attempt seen by two witnesses is one row that names both. `role` says which process of the run it
    was, `package` the Python packages on the stack, outermost first, where a witness could see them. `peer` is whom the
    kernel named as the other end when the attempt was made, None where it was not asked: on another machine, or where
    it does not say. A sampler that saw both ends of every connection of this row, and the hook of a process that itself
    waited there, name the watched.
    """

    kind: AttemptKind
    family: str
    address: str | None = None
    port: int | None = None
    name: str | None = None
    transport: str | None = None
    pid: int | None
    process: str | None
    role: str
    package: str | None = None
    first_seen_s: float
    last_seen_s: float
    count: int
    witnesses: tuple[str, ...]
    outcome: str | None = None
    peer: Peer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(Fact):
    """A leak that was planted for a witness, and whether it was caught."""

    planted: str
    fired: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage(Fact):
    """How a witness watched one process of the run."""

    role: str
    from_s: float | None
    until_s: float | None
    complete: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessReport(Fact):
    """What a witness can say of itself: whether it looked, for how long, at whom, and what it cannot see."""

    name: str
    active: bool
    reason: str = ""
    started_s: float | None = None
    ended_s: float | None = None
    counts: dict[str, int]
    control: Control | None = None
    coverage: tuple[Coverage, ...] = ()
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakTrial(Fact):
    """A leak of the short drill that a run holds: what each witness made of it, and what is documented of it."""

    id: str
    description: str
    results: dict[str, str]
    expected: dict[str, str]
    obstacle: str | None
    worse: tuple[str, ...]
