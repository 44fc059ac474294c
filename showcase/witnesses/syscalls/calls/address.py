"""Socket addresses as they lie in a process's memory."""

from __future__ import annotations

import socket
import struct
import sys
from typing import NamedTuple

MAX_BYTES = 128
"""Size of a sockaddr_storage: the kernel takes no longer address."""

AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK = 0, 1, 2, 10, 16, 17, 40
_FAMILIES = {
    AF_UNSPEC: "unspec",
    AF_UNIX: "unix",
    AF_INET: "inet",
    3: "ax25",
    AF_INET6: "inet6",
    AF_NETLINK: "netlink",
    AF_PACKET: "packet",
    21: "rds",
    29: "can",
    30: "tipc",
    31: "bluetooth",
    38: "alg",
    AF_VSOCK: "vsock",
    41: "kcm",
    42: "qipcrtr",
    44: "xdp",
}
_INET_BYTES, _INET6_BYTES, _VSOCK_BYTES = 8, 24, 12
_WITH_SCOPE_BYTES, _INET6_PARTS = 28, 4
_ZONED = ("fe8", "fe9", "fea", "feb", "ff")
"""How link-local and multicast addresses begin, RFC 4291; the kernel looks at no other's zone."""


class Address(NamedTuple):
    """A destination. `name` is the path of a Unix socket, with `@` in front of an abstract one."""

    family: str
    address: str | None = None
    port: int | None = None
    name: str | None = None


def family_name(number: int) -> str:
    """Return the name of an address family, or its number where it has none here."""
    return _FAMILIES.get(number, f"family {number}")


def decode(raw: bytes) -> Address:
    """Read a sockaddr; what is too short or unknown is named by its family alone."""
    if len(raw) < struct.calcsize("=H"):
        return Address("none")
    (family,) = struct.unpack_from("=H", raw)
    if family == AF_INET and len(raw) >= _INET_BYTES:
        return Address("inet", socket.inet_ntop(socket.AF_INET, raw[4:8]), int.from_bytes(raw[2:4], "big"))
    if family == AF_INET6 and len(raw) >= _INET6_BYTES:
        number = int.from_bytes(raw[_INET6_BYTES:_WITH_SCOPE_BYTES], sys.byteorder)
        host = _with_zone(socket.inet_ntop(socket.AF_INET6, raw[8:24]), number)
        return Address("inet6", host, int.from_bytes(raw[2:4], "big"))
    if family == AF_VSOCK and len(raw) >= _VSOCK_BYTES:
        port, context = struct.unpack_from("=II", raw, 4)
        return Address("vsock", str(context), port)
    if family == AF_UNIX:
        return Address("unix", name=unix_name(raw[2:]))
    return Address(family_name(family))


def _with_zone(host: str, number: int) -> str:
    """Return an IPv6 address with its zone where it means nothing without one, `fe80::1%eth0`.

    The interface is named as it is called where we are: in a seal there is only `lo`, which has its number everywhere.
    """
    if not number or not host.startswith(_ZONED):
        return host
    try:
        return f"{host}%{socket.if_indextoname(number)}"
    except OSError:  # there is none
        return f"{host}%{number}"


def unix_name(path: bytes) -> str:
    """Return the name of a Unix socket from the `sun_path` of its address."""
    if not path.strip(b"\0"):
        return ""
    if path.startswith(b"\0"):
        return "@" + path[1:].rstrip(b"\0").decode(errors="backslashreplace")
    return path.split(b"\0", 1)[0].decode(errors="backslashreplace")


def from_peer(peer: object) -> Address:
    """Return what `socket.getpeername` or `getsockname` gave as an address."""
    if isinstance(peer, tuple) and isinstance(peer[0], str):
        host = peer[0] if len(peer) < _INET6_PARTS else _with_zone(peer[0].partition("%")[0], peer[3])
        return Address("inet6" if ":" in host else "inet", host, int(peer[1]))
    if isinstance(peer, str):
        return Address("unix", name=peer)
    if isinstance(peer, bytes):
        return Address("unix", name=unix_name(peer))
    return Address("none")
