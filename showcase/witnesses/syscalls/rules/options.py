"""Socket options, and control data of a message, by which bytes go elsewhere than their address says.

What is called 127.0.0.1 is another machine by way of an interface of one's own choice, a source route passes through
machines that no address names, and to join a multicast group is to tell the network its number.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import struct
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls.filter.listener import Answer
from showcase.witnesses.syscalls.filter.program import CORK, OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.witnesses.syscalls.calls.address import Address
    from showcase.witnesses.syscalls.calls.call import Call

_IP, _IPV6 = 0, 41
_CONTROL = struct.Struct("=Qii")
_ALIGNMENT = 8
_PKTINFO = {(_IP, 8): ("IP_PKTINFO", 0), (_IPV6, 50): ("IPV6_PKTINFO", 16), (_IPV6, 2): ("IPV6_PKTINFO", 16)}
"""Level and type of control data that may name an interface, and where its number lies (ip(7), ipv6(7))."""

_ROUTES = {
    (_IP, 7): "IP_OPTIONS",
    (_IPV6, 3): "IPV6_HOPOPTS",
    (_IPV6, 4): "IPV6_DSTOPTS",
    (_IPV6, 5): "IPV6_RTHDR",
    (_IPV6, 54): "IPV6_HOPOPTS",
    (_IPV6, 55): "IPV6_DSTOPTS",
    (_IPV6, 57): "IPV6_RTHDR",
    (_IPV6, 59): "IPV6_DSTOPTS",
}
"""Those that carry a route or bytes of the caller's own beside the payload (linux/in6.h)."""


def setsockopt(call: Call) -> Answer | None:
    """Write down an option that leads elsewhere; the caller sets it. One without a value takes it back."""
    level, option = (call.arguments[index] & 0xFFFFFFFF for index in (1, 2))
    if (level, option) == CORK:  # what is put behind a question would leave with it, and is not asked about
        return Answer(error=errno.ENOPROTOOPT)
    name = OPTIONS.get(level, {}).get(option)
    if name is not None and call.integer(4) != 0:
        note(call, name, f"descriptor {call.integer(0)}")
    return None


def note(call: Call, name: str, what: str) -> None:
    """Write down that bytes may go elsewhere than to where they are said to go."""
    call.note_once((name, call.process.pid), "reach", how=name, name=what, inside=False, refused=False)


def note_control(call: Call, control: bytes, address: Address | None) -> None:
    """Write down what a message's control data say of its way. Of an interface only where the address is loopback's."""
    for name, is_interface in _ways(control):
        if not is_interface or (address is not None and _is_loopback(address.address)):
            note(call, name, f"a message to {'?' if address is None else address.address}")


def _ways(control: bytes) -> Iterator[tuple[str, bool]]:
    at = 0
    while at + _CONTROL.size <= len(control):
        length, level, kind = _CONTROL.unpack_from(control, at)
        data = control[at + _CONTROL.size : at + length]
        if (level, kind) in _ROUTES:
            yield _ROUTES[level, kind], False
        elif (level, kind) in _PKTINFO:
            name, offset = _PKTINFO[level, kind]
            if any(data[offset : offset + 4]):
                yield name, True
        at += max(_CONTROL.size, length) + (-length % _ALIGNMENT)


def _is_loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address((address or "").partition("%")[0]).is_loopback
    except ValueError:
        return True  # not known: rather once too often


def is_netlink_to_a_process(raw: bytes) -> bool:
    """Return whether a netlink address names a port or groups, and so another process; 0 is the kernel (netlink(7))."""
    if len(raw) < 12 or struct.unpack_from("=H", raw)[0] != socket.AF_NETLINK:  # noqa: PLR2004 - sockaddr_nl
        return False
    return any(raw[4:12])
