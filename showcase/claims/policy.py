"""What a row of the connections table means under the run's policy."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Union

from showcase.evidence import INSIDE_THE_TREE, NOTHING_SENT

if TYPE_CHECKING:
    from showcase.evidence import Attempt, Rule, Run

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Kind = Literal["allowed", "internal", "local", "exposed", "finding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """How a row counts.

    allowed: to an endpoint of the policy. internal: to a listener of the watched tree, or waiting on loopback.
    local: what stays on this machine, like a Unix socket, whose other end is not watched. exposed: waiting where other machines can
    come in. finding: everything else.
    """

    kind: Kind
    rule: str


def disposition(attempt: Attempt, run: Run) -> Disposition:
    """Return how `attempt` counts in `run`."""
    if attempt.family == "unix":
        return Disposition(kind="local", rule="a Unix socket of this machine")
    if attempt.family in ("netlink", "alg"):
        return Disposition(kind="local", rule="this machine's kernel")
    if attempt.kind in ("socket", "reach"):
        return _around(attempt)
    if attempt.kind == "lookup":
        return _lookup(attempt, run)
    address = _address(attempt.address)
    if attempt.kind == "listen":
        return _listen(address, run)
    if address is None:
        return Disposition(kind="finding", rule="no rule allows it")
    if attempt.kind == "accept":
        if address.is_loopback:
            return Disposition(kind="internal", rule="came from this machine")
        return Disposition(kind="finding", rule="came from another machine")
    if attempt.outcome == NOTHING_SENT:
        return Disposition(kind="internal", rule="asked the routing table; nothing was sent")
    return _outgoing(address, attempt, run)


def _around(attempt: Attempt) -> Disposition:
    """Return how a way around destinations counts: it is local where it led nowhere new."""
    outcome = attempt.outcome or ""
    if attempt.family == "io_uring" and outcome == "ENOSYS":
        return Disposition(kind="local", rule="refused: io_uring cannot be watched, and libraries do without")
    if attempt.kind == "reach" and outcome.startswith(INSIDE_THE_TREE):
        return Disposition(kind="internal", rule="another process of the watched tree")
    return Disposition(kind="finding", rule="a way out whose destinations are not seen")


def _listen(address: Address | None, run: Run) -> Disposition:
    if address is not None and address.is_loopback:
        return Disposition(kind="internal", rule="waits on loopback")
    if run.command is not None and run.command.sealing != "none":
        return Disposition(kind="internal", rule="waits inside the seal")
    return Disposition(kind="exposed", rule="waits where other machines can come in")


def _outgoing(address: Address, attempt: Attempt, run: Run) -> Disposition:
    for endpoint in run.policy.allowed:
        if _address(endpoint.address) == address and endpoint.port == attempt.port:
            return Disposition(kind="allowed", rule=f"allowed: {endpoint}")
    for rule in run.policy.rules:
        if rule.port in (None, attempt.port) and _covers(rule, address):
            return Disposition(kind="allowed", rule=f"allowed: {rule}")
    if address.is_loopback and attempt.port is not None and _listens(address, attempt.port, run):
        return Disposition(kind="internal", rule="a listener of the watched processes")
    if attempt.kind == "connect" and attempt.transport == "udp" and _carries_lookups(attempt, run):
        return Disposition(kind="local", rule="carries name lookups, which are judged one by one")
    return Disposition(kind="finding", rule="no rule allows it")


def _covers(rule: Rule, address: Address) -> bool:
    if rule.host == "*":
        return True
    for text in (rule.host, *rule.addresses):
        try:
            if address in ipaddress.ip_network(text):
                return True
        except ValueError:  # a name
            continue
    return False


def _carries_lookups(attempt: Attempt, run: Run) -> bool:
    """Return whether everything that went over this connection to a name server was read as lookups."""
    there = [
        row.kind
        for row in run.connections
        if (row.pid, row.address, row.port) == (attempt.pid, attempt.address, attempt.port)
    ]
    return "lookup" in there and "send" not in there


def _lookup(attempt: Attempt, run: Run) -> Disposition:
    name = (attempt.name or "").lower().rstrip(".")
    address = _address(attempt.name)
    if address is None:
        if name == "localhost":
            return Disposition(kind="local", rule="this machine's own name")
        for rule in run.policy.rules:
            if rule.host in ("*", name):
                return Disposition(kind="allowed", rule=f"allowed: {rule}")
        return Disposition(kind="finding", rule="a name was looked up")
    if attempt.port is None and any(_address(item.address) == address for item in run.policy.allowed):
        return Disposition(kind="allowed", rule="a number, not a name, of an allowed endpoint")
    if run.command is not None and address.is_loopback:
        return Disposition(kind="local", rule="a number, not a name, of this machine")
    if attempt.port is None and any(_covers(rule, address) for rule in run.policy.rules):
        return Disposition(kind="allowed", rule="a number, not a name, of an allowed endpoint")
    return _outgoing(address, attempt, run)


def _listens(address: Address, port: int, run: Run) -> bool:
    return any(
        row.kind == "listen"
        and row.port == port
        and (bound := _address(row.address)) is not None
        and (bound == address or bound.is_unspecified)
        for row in run.connections
    )


def _address(text: str | None) -> Address | None:
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
