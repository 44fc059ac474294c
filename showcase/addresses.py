"""Addresses in one spelling, and which of them a listener serves."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1"))
_IPV4 = 4


def numeric(text: str | None) -> Address | None:
    """Return the address that a text is, None where it is none.

    An IPv4 address in IPv6 form is that IPv4 address, and one with a zone the same as without: `fe80::1%eth0`.
    """
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return None
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    return address.ipv4_mapped or ipaddress.IPv6Address(int(address))


def network(text: str) -> Network | None:
    """Return the network that a text is, an address being one of itself; None where it is none."""
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def destination(text: str) -> Address | None:
    """Return where a connection to an address goes: the kernel takes the unspecified one for loopback."""
    address = numeric(text)
    if address is None or not address.is_unspecified:
        return address
    return ipaddress.ip_address("127.0.0.1" if address.version == _IPV4 else "::1")


def is_loopback(text: str) -> bool:
    """Return whether an address is of loopback."""
    address = numeric(text)
    return address is not None and address.is_loopback


def serves(bound: str, address: str) -> bool:
    """Return whether a listener that is bound to one address may take a connection to the other.

    One that is bound to every IPv6 address may be bound to every IPv4 address with it; no table says so.
    """
    own, wanted = numeric(bound), numeric(address)
    if own is None or wanted is None:
        return False
    return own == wanted or (own.is_unspecified and own.version >= wanted.version)


def allows_loopback(allowed: str, bound: str) -> bool:
    """Return whether a listener's address serves an address of loopback that is allowed.

    Args:
        allowed: An address, a network or `*`.
        bound: Where it listens.
    """
    own = numeric(bound)
    if own is None or not (own.is_loopback or own.is_unspecified):
        return False
    if allowed == "*":
        return True
    covered = network(allowed)
    if covered is None:
        return False
    reached = {destination(allowed)} - {None}
    if reached and serves(bound, str(reached.pop())):
        return True
    parts = [part for part in _LOOPBACK if own.is_unspecified and own.version >= part.version]
    parts = parts or [ipaddress.ip_network(str(own))]
    return any(part.version == covered.version and part.overlaps(covered) for part in parts)
