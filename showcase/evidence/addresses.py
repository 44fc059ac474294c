"""Addresses in one spelling, and which of them a listener serves."""

from __future__ import annotations

import ipaddress
import re
import unicodedata

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1"))
_IPV4 = 4
_PART = re.compile(r"0[xX]0*(?P<hex>[0-9a-fA-F]{1,8})|0+(?P<octal>[0-7]{1,11})|(?P<decimal>0|[1-9][0-9]{0,9})")
_PARTS = 4
_DOTS = re.compile(r"[\u3002\uff0e\uff61]")
"""What stands for a full stop between labels of a name (RFC 3490, 3.1)."""
_OF_IPV4, _OF_IPV6 = ".in-addr.arpa", ".ip6.arpa"
_NIBBLES = 32


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


def literal(text: str | None) -> Address | None:
    """Return the address that a resolver takes a text for without asking anybody, None where it would have to ask.

    Beside the usual forms, also in brackets, those of inet_aton(3) as glibc reads them: up to four parts, decimal,
    octal (`0177`) or hexadecimal (`0x7f`), the last of which fills what is left: `127.1`, `2130706433`. A name that
    merely looks like it is one: `1.2.3.4.5`, `08.1`, `0x7g`, `198.51.100.7.`, `4294967296`.
    """
    said = text or ""
    if not said.isascii():  # as it is encoded before anybody is asked
        said = unicodedata.normalize("NFKC", _DOTS.sub(".", said))
    if said.startswith("[") and said.endswith("]"):
        said = said[1:-1]
        return numeric(said) if ":" in said else None
    return numeric(said) or _by_parts(said)


def _by_parts(text: str) -> ipaddress.IPv4Address | None:
    found = [_PART.fullmatch(part) for part in text.split(".", _PARTS)]
    if len(found) > _PARTS or not all(found):
        return None
    bases = {"hex": 16, "octal": 8, "decimal": 10}
    *high, last = (int(part[base], bases[base]) for part in found if part and (base := part.lastgroup))
    room = 1 << 8 * (_PARTS - len(high))
    if last >= room or any(part > 0xFF for part in high):  # noqa: PLR2004 - an octet
        return None
    return ipaddress.IPv4Address(sum(part << 8 * (3 - place) for place, part in enumerate(high)) + last)


def of_reverse_name(text: str | None) -> Address | None:
    """Return the address whose name is asked for by this name (RFC 1035, 3.5; RFC 3596, 2.5), None for other names."""
    name = (text or "").lower().rstrip(".")
    if name.endswith(_OF_IPV4):
        return numeric(".".join(reversed(name.removesuffix(_OF_IPV4).split("."))))
    digits = "".join(reversed(name.removesuffix(_OF_IPV6).split(".")))
    if not name.endswith(_OF_IPV6) or len(digits) != _NIBBLES:
        return None
    return numeric(":".join(digits[at : at + 4] for at in range(0, _NIBBLES, 4)))


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
