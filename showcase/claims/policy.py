"""What a row of the connections table means under the run's policy."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from showcase.claims.numbers import is_within, number_of
from showcase.claims.ways import ACTS, PINGS
from showcase.evidence import EACH_READ, INSIDE_THE_TREE, NEVER_CONNECTED, NO_WAY_TO_SEND, NOTHING_SENT
from showcase.evidence.addresses import Address, numeric, of_reverse_name

if TYPE_CHECKING:
    from collections.abc import Hashable

    from showcase.evidence import Attempt, Rule, Run

Kind = Literal["allowed", "internal", "local", "unwatched", "unseen", "exposed", "finding"]

UNIX = "unix:"
"""How a rule begins that allows a Unix socket: a path, or an abstract name with `@` in front."""

KERNEL = "this machine's kernel"

_REACHED_NOBODY = NEVER_CONNECTED | {"no such socket", "EAGAIN", "EPROTOTYPE", "gone"}
_NAME_SERVER = 53
STREAMS = frozenset({"tcp", "mptcp", "sctp", "stream"})
"""Transports on which connections are waited for. Programs in Go wait by MPTCP where the kernel has it."""

LATE_S = 5.0
"""A listener that was only looked at in intervals may have waited this long before it was seen: what the witness
`sockets` takes for an interruption. One that the kernel told of was there when it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """How a row counts.

    allowed: to an endpoint of the policy. internal: to a listener of the watched tree, or waiting on loopback.
    local: what stays on this machine and reached nobody, like a path where nobody waits. unwatched: a Unix socket whose
    other end nobody watched. unseen: nobody can say whether anything was sent. exposed: waiting where other machines
    can come in. finding: everything else.
    """

    kind: Kind
    rule: str


def dispositions(run: Run) -> tuple[Disposition, ...]:
    """Return how each row of the run's connections counts, in their order."""
    table = _Table(run)
    return tuple(_disposition(row, table) for row in run.connections)


def disposition(attempt: Attempt, run: Run) -> Disposition:
    """Return how one `attempt` counts in `run`; for all of them, `dispositions` is the quick way."""
    return _disposition(attempt, _Table(run))


class _Table:
    """A run's connections, read once: who waited where, and which connections carried nothing but lookups."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._waiting: dict[tuple[bool, Address, int | None], float] = {}
        kinds: dict[Hashable, set[str]] = defaultdict(set)
        for row in run.connections:
            kinds[row.pid, numeric(row.address) or row.address, row.port].add(row.kind)
            if row.kind == "listen" and (bound := numeric(row.address)) is not None:
                since_s = row.first_seen_s if "syscalls" in row.witnesses else row.first_seen_s - LATE_S
                key = (_is_stream(row), bound, row.port)
                self._waiting[key] = min(since_s, self._waiting.get(key, since_s))
        self._kinds = dict(kinds)
        self._sealed = self._covered_by("seal")
        self._asked_in_sight = self._sealed | self._covered_by("syscalls")

    def _covered_by(self, witness: str) -> set[str]:
        reports = [report for report in self.run.witnesses if report.name == witness and report.active]
        return {item.role for report in reports for item in report.coverage if item.complete}

    def leads_to_the_watched(self, attempt: Attempt, address: Address) -> bool:
        """Return whether a process of the tree has the other end.

        The kernel was asked when the attempt was made. Where it was not, one of the tree has to have waited at this
        address, or at all of them, by the same transport before the first attempt. Who was refused told nobody
        anything, and looked for one of the tree that waited there later.
        """
        everywhere = (ipaddress.IPv4Address(0), ipaddress.IPv6Address(0))
        since = [self._waiting.get((_is_stream(attempt), bound, attempt.port)) for bound in (address, *everywhere)]
        if attempt.transport in PINGS:
            return False
        if attempt.peer == "nobody":
            return any(since_s is not None for since_s in since)
        if attempt.peer is not None:
            return attempt.peer == "watched"
        return any(since_s is not None and since_s <= attempt.first_seen_s for since_s in since)

    def on_a_wire(self, attempt: Attempt) -> bool:
        """Return whether every packet of this process was counted, so that one that nobody counted was not there."""
        return attempt.role.removeprefix("child of ") in self._sealed

    def may_have_asked(self, attempt: Attempt) -> bool:
        """Return whether a number may have been given to ask for its name: only that is asked for without a port.

        Older logs have both alike. A question would have been seen on its way, where somebody looked there.
        """
        return attempt.port is None and attempt.role.removeprefix("child of ") not in self._asked_in_sight

    def may_change_its_peer(self, attempt: Attempt) -> bool:
        """Return whether a datagram socket may have sent to who came later, unread, to where one of the tree waited.

        It is connected to an address, not to who waits there. What the supervisor left unconnected it sends itself.
        """
        by_itself = attempt.outcome in (NOTHING_SENT, "sent to") and attempt.transport not in STREAMS
        return attempt.kind == "connect" and by_itself and not self.on_a_wire(attempt)

    def carries_lookups(self, attempt: Attempt) -> bool:
        """Return whether lookups were seen on this connection to a name server, and nothing else."""
        place = (attempt.pid, numeric(attempt.address) or attempt.address, attempt.port)
        kinds = self._kinds.get(place, set())
        return "lookup" in kinds and "send" not in kinds

    def was_read(self, attempt: Attempt) -> bool:
        """Return whether everything that went over a connection was seen.

        A witness within the process, or a sampler, sees no datagram of a connected socket. What the supervisor left
        connected may have carried what it did not read, unless every packet was counted.
        """
        return "syscalls" not in attempt.witnesses or attempt.outcome == EACH_READ or self.on_a_wire(attempt)


def _disposition(attempt: Attempt, table: _Table) -> Disposition:
    run = table.run
    if attempt.family in ("unix", "netlink", "alg") and numeric(attempt.address) is None:
        return _unix(attempt, run) if attempt.family == "unix" else Disposition(kind="local", rule=KERNEL)
    if attempt.kind in ("socket", "reach"):
        return _around(attempt)
    if attempt.kind == "lookup":
        return _lookup(attempt, table)
    address = numeric(attempt.address)
    if attempt.kind == "listen":
        return _listen(address, run)
    if address is None:
        return _named(attempt, run)
    if attempt.kind == "accept":
        if address.is_loopback:
            return Disposition(kind="internal", rule="came from this machine")
        return Disposition(kind="finding", rule="came from another machine")
    return _outgoing(address, attempt, table)


def _unix(attempt: Attempt, run: Run) -> Disposition:
    """Return how a Unix socket counts: by who has its other end. Some other program may pass on what it is told."""
    outcome = attempt.outcome or ""
    if attempt.kind not in ("connect", "send") or not attempt.name:
        return Disposition(kind="local", rule="a Unix socket of this machine")
    if outcome in _REACHED_NOBODY or outcome.endswith(", refused") or attempt.peer == "nobody":
        return Disposition(kind="local", rule=f"a Unix socket where nobody was reached: {outcome or 'nobody waits'}")
    if attempt.peer == "watched" or (attempt.peer is None and outcome == "inside the seal"):
        return Disposition(kind="internal", rule="a Unix socket of the watched processes")
    for rule in run.policy.rules:
        reached_by = rule.addresses if rule.host.startswith(UNIX) else ()
        if rule.host in ("*", f"{UNIX}{attempt.name}") or attempt.name in reached_by:
            return Disposition(kind="allowed", rule=f"allowed: {rule}")
    return Disposition(kind="unwatched", rule="a Unix socket whose other end nobody watched")


def _around(attempt: Attempt) -> Disposition:
    """Return how a way around destinations counts: it is local where it led nowhere new."""
    outcome = attempt.outcome or ""
    if attempt.family == "io_uring" and outcome == "ENOSYS":
        return Disposition(kind="local", rule="refused: io_uring cannot be watched, and libraries do without")
    if attempt.kind == "reach" and outcome.startswith(INSIDE_THE_TREE):
        return Disposition(kind="internal", rule="another process of the watched tree")
    rule = ACTS.get(attempt.family) if attempt.kind == "reach" else None
    return Disposition(kind="finding", rule=rule or "a way out whose destinations are not seen")


def _named(attempt: Attempt, run: Run) -> Disposition:
    """Return how a connection counts of which only the name is known, as where Python itself looks the name up."""
    name = (attempt.address or "").lower().rstrip(".")
    for rule in run.policy.rules if name and attempt.family in ("inet", "inet6") else ():
        if rule.port in (None, attempt.port) and rule.host in ("*", name):
            return Disposition(kind="allowed", rule=f"allowed: {rule}")
    return Disposition(kind="finding", rule="no rule allows it")


def _listen(address: Address | None, run: Run) -> Disposition:
    if address is not None and address.is_loopback:
        return Disposition(kind="internal", rule="waits on loopback")
    if run.command is not None and run.command.sealing != "none":
        return Disposition(kind="internal", rule="waits inside the seal")
    return Disposition(kind="exposed", rule="waits where other machines can come in")


def _outgoing(address: Address, attempt: Attempt, table: _Table) -> Disposition:
    run = table.run
    for endpoint in run.policy.allowed:
        if numeric(endpoint.address) == address and endpoint.port == attempt.port:
            return Disposition(kind="allowed", rule=f"allowed: {endpoint}")
    for rule in run.policy.rules:
        if rule.port in (None, attempt.port) and _covers(rule, address, _zone(attempt.address)):
            return Disposition(kind="allowed", rule=f"allowed: {rule}")
    if address.is_loopback and attempt.port and table.leads_to_the_watched(attempt, address):
        if table.may_change_its_peer(attempt):
            return Disposition(kind="unseen", rule="another process may have come to wait there")
        return Disposition(kind="internal", rule="a listener of the watched processes")
    if attempt.kind == "connect" and attempt.transport == "udp" and (asked := _asked(attempt, table)) is not None:
        return asked
    if attempt.outcome in (NO_WAY_TO_SEND, NOTHING_SENT) and attempt.transport not in STREAMS:
        return _unsent(address, attempt, table)
    if address.is_loopback and attempt.transport in PINGS:
        return Disposition(kind="unseen", rule="a ping, which whoever listens to all packets hears")
    return Disposition(kind="finding", rule="no rule allows it")


def _asked(attempt: Attempt, table: _Table) -> Disposition | None:
    """Return how a connection to a name server counts that carried lookups, None where it may be another."""
    if not table.carries_lookups(attempt):
        return None
    if table.was_read(attempt):
        return Disposition(kind="local", rule="carries name lookups, which are judged one by one")
    if "seal" in attempt.witnesses:  # which can be entered, or it had counted every packet
        return Disposition(kind="unseen", rule="carries name lookups, and not every way to send more is seen")
    return None


def _unsent(address: Address, attempt: Attempt, table: _Table) -> Disposition:
    """Return how a datagram socket's connect counts of which no datagram was seen to follow."""
    if attempt.outcome == NO_WAY_TO_SEND:
        return Disposition(kind="internal", rule="asked the routing table; nothing could be sent")
    if table.on_a_wire(attempt):
        return Disposition(kind="internal", rule="asked the routing table; nothing was sent")
    if address.is_loopback and not attempt.port:
        return Disposition(kind="internal", rule="asked for a port where nobody can wait")
    if any(_covers(rule, address, _zone(attempt.address)) for rule in table.run.policy.rules):
        return Disposition(kind="allowed", rule="asked the route to an allowed address")
    return Disposition(kind="unseen", rule="no datagram was seen, and not every way to send one is")


def _is_stream(attempt: Attempt) -> bool:
    return attempt.transport is None or attempt.transport in STREAMS


def _covers(rule: Rule, address: Address, zone: str | None = None) -> bool:
    """Return whether a rule allows an address. One without a zone is the same in every zone, on both sides."""
    if rule.host == "*":
        return True
    return any(
        address in network and (zone == _zone(text) or None in (zone, _zone(text)))
        for text in (rule.host, *rule.addresses)
        if (network := _network(text))
    )


def _zone(text: str | None) -> str | None:
    """Return the link that an address is on, `eth0` of `fe80::1%eth0`, None where it does not say."""
    return (text or "").partition("%")[2].partition("/")[0] or None


@lru_cache(maxsize=4096)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    host, _, rest = text.partition("%")
    try:
        return ipaddress.ip_network(host + "".join(rest.partition("/")[1:]))
    except ValueError:  # a name
        return None


def _lookup(attempt: Attempt, table: _Table) -> Disposition:
    run = table.run
    name = (attempt.name or "").lower().rstrip(".")
    number = number_of(attempt)
    if number is not None and not table.may_have_asked(attempt):
        return Disposition(kind="local", rule="a number, not a name: nobody was asked")
    # Seen within the process it asks for a number's name; seen on its way it is a name like any.
    address = number or (of_reverse_name(name) if is_within(attempt) else None)
    if address is not None:
        if run.command is not None and address.is_loopback:
            return Disposition(kind="local", rule="a number, not a name, of this machine")
        named = any(numeric(item.address) == address for item in run.policy.allowed)
        if named or any(_covers(rule, address) for rule in run.policy.rules):
            return Disposition(kind="allowed", rule="a number, not a name, of an allowed endpoint")
    if number is not None:
        return Disposition(kind="unseen", rule="a number: whether its name was asked for was not seen")
    asked = numeric(attempt.address)  # a name server, where the question was seen on its way
    if name == "localhost" and (asked is None or (asked.is_loopback and attempt.port == _NAME_SERVER)):
        return Disposition(kind="local", rule="this machine's own name")
    for rule in run.policy.rules:
        if rule.host == "*" or (rule.host == name and numeric(name) is None):
            return Disposition(kind="allowed", rule=f"allowed: {rule}")
    return Disposition(kind="finding", rule="a name was looked up")
