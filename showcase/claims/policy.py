"""What a row of the connections table means under the run's policy."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from showcase.evidence import Attempt, Run

Kind = Literal["allowed", "internal", "local", "exposed", "finding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """How a row counts.

    allowed: to an endpoint of the policy. internal: to a listener of the watched tree, or waiting on loopback.
    local: a Unix socket or the like, whose other end is not watched. exposed: waiting where other machines can
    come in. finding: everything else.
    """

    kind: Kind
    rule: str


def disposition(attempt: Attempt, run: Run) -> Disposition:
    """Return how `attempt` counts in `run`."""
    if attempt.family == "unix":
        return Disposition(kind="local", rule="a Unix socket of this machine")
    if attempt.family == "netlink":
        return Disposition(kind="local", rule="this machine's kernel")
    if attempt.kind == "lookup":
        return _lookup(attempt, run)
    address = _address(attempt.address)
    if attempt.kind == "listen":
        if address is not None and address.is_loopback:
            return Disposition(kind="internal", rule="waits on loopback")
        return Disposition(kind="exposed", rule="waits where other machines can come in")
    if address is None:
        return Disposition(kind="finding", rule="no rule allows it")
    if attempt.kind == "accept":
        if address.is_loopback:
            return Disposition(kind="internal", rule="came from this machine")
        return Disposition(kind="finding", rule="came from another machine")
    return _outgoing(address, attempt.port, run)


def _outgoing(address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int | None, run: Run) -> Disposition:
    for endpoint in run.policy.allowed:
        if _address(endpoint.address) == address and endpoint.port == port:
            return Disposition(kind="allowed", rule=f"allowed: {endpoint}")
    if address.is_loopback and port is not None and _listens(address, port, run):
        return Disposition(kind="internal", rule="a listener of the watched processes")
    return Disposition(kind="finding", rule="no rule allows it")


def _lookup(attempt: Attempt, run: Run) -> Disposition:
    address = _address(attempt.name)
    if address is None:
        if (attempt.name or "").lower().rstrip(".") == "localhost":
            return Disposition(kind="local", rule="this machine's own name")
        return Disposition(kind="finding", rule="a name was looked up")
    if attempt.port is None and any(_address(item.address) == address for item in run.policy.allowed):
        return Disposition(kind="allowed", rule="a number, not a name, of an allowed endpoint")
    return _outgoing(address, attempt.port, run)


def _listens(address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int, run: Run) -> bool:
    return any(
        row.kind == "listen"
        and row.port == port
        and (bound := _address(row.address)) is not None
        and (bound == address or bound.is_unspecified)
        for row in run.connections
    )


def _address(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
