"""Whether a row of the table of connections can be that of any call or socket: its parts, one by one and together."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import PORTS, in_order, is_count, is_pid, told, twice
from showcase.claims.policy import STREAMS
from showcase.evidence import EACH_READ, NO_WAY_TO_SEND, NOTHING_SENT
from showcase.evidence.addresses import numeric

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Attempt, Run

INTERNET = frozenset({"inet", "inet6"})

KERNEL_S = frozenset(
    {
        "none", "unspec", "ax25", "netlink", "packet", "rds", "can", "tipc", "bluetooth", "alg", "vsock", "kcm",
        "qipcrtr", "xdp",
    }
)  # fmt: skip
"""Families of sockets beside those of the Internet and Unix's own, as the witnesses name them."""

REACHES = frozenset({"ptrace", "process_vm_writev", "pidfd_getfd"})
"""Ways to take hold of another process."""

FAMILIES: dict[str, frozenset[str]] = {
    "connect": INTERNET | KERNEL_S | {"unix"},
    "send": INTERNET | KERNEL_S | {"unix"},
    "lookup": INTERNET | {"name", "request_key"},
    "listen": INTERNET | KERNEL_S | {"unix"},
    "accept": INTERNET,
    "socket": INTERNET | KERNEL_S | {"io_uring"},
    "reach": REACHES,
    "inherited": INTERNET | KERNEL_S | {"unix"},
}
"""Kind of attempt to the families it can have; a family without a name here is called by its number."""

NUMBERED = re.compile(r"family \d+")

TRANSPORTS = frozenset({"tcp", "udp", "sctp", "mptcp", "icmp", "udplite", "stream", "dgram", "raw", "seqpacket"})
UNIX_TRANSPORTS = frozenset({"stream", "dgram", "seqpacket"})
_OTHER_TRANSPORT = re.compile(r"type \d+|protocol \d+|ethertype 0x[0-9a-f]{4}")

NAME_PORTS = frozenset({53, 5353, 5355})
"""DNS, multicast DNS and LLMNR: only there a question is read on its way."""

UNEXPLAINED = "stayed inside the seal; no recorded call explains it"
"""Outcome of what was on the wire of a seal and in no recorded call."""

OUTCOMES = frozenset(
    {
        # of the kernel's witness
        "ok", "begun", "waits", "sent to", "as read", "gone", NOTHING_SENT, NO_WAY_TO_SEND, EACH_READ,
        "no such socket", "inside the seal", "leads out of the seal", "leads out of the seal, as far as is known",
        "leads out of the seal, refused",
        "inside the watched tree", "inside the watched tree, refused",
        "outside of the watched tree", "outside of the watched tree, refused",
        # of the seal
        "stayed inside the seal", "bridged to the same port outside",
        UNEXPLAINED,
        # states of TCP as psutil names them: https://psutil.readthedocs.io/en/latest/#connections-constants
        "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT",
        "LAST_ACK", "LISTEN", "CLOSING", "NONE", "DELETE_TCB", "IDLE", "BOUND",
    }
)  # fmt: skip
"""What a row can come to, beside an error number of the kernel. A witness that says more adds it here."""

OF_A_PATH = frozenset(
    {
        "no such socket",
        "inside the seal",
        "leads out of the seal",
        "leads out of the seal, as far as is known",
        "leads out of the seal, refused",
    }
)
"""Outcomes of the path of a Unix socket."""

OF_A_DATAGRAM = frozenset({"sent to", NOTHING_SENT, NO_WAY_TO_SEND, EACH_READ})
"""Outcomes of a datagram socket's `connect`."""

REACHED = frozenset({"ok", "sent to", "begun", "bridged to the same port outside", EACH_READ})
"""Outcomes of what had somebody at its other end."""

_ASKED = frozenset({"syscalls", "seal"})
"""Witnesses that ask the kernel who has the other end."""

DATAGRAMS = frozenset({"udp", "udplite", "icmp", "dgram", "raw"})

_ERROR = re.compile(r"E[A-Z0-9]+|\d+")
_TARGET = re.compile(r"process -?\d+")


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    for row in run.connections:
        for what in (*_parts(row), *_together(row), *_name(row), *_ending(row), *_peer(row), *_times(row, run)):
            yield f"a row of {row.role or 'nobody'} ({row.kind}): {what}"
    streams = {row.port for row in run.connections if row.kind == "listen" and row.transport in STREAMS}
    waiting = {row.port for row in run.connections if row.kind == "listen" and "sockets" in row.witnesses}
    for row in run.connections:
        # One of the drill may have been seen before anybody knew whose it was, and the listener after.
        if row.kind == "accept" and row.port not in waiting and row.role != "child of orchestrator":
            yield f"a row of {row.role} (accept): nobody waited at port {row.port}"
        if row.peer == "watched" and _of_streams(row) and row.port not in streams and not _met(row):
            yield f"a row of {row.role} ({row.kind}): nobody of the watched waited at port {row.port}"
    moments = [row.first_seen_s for row in run.connections]
    if not in_order(*moments):
        yield "the table of connections is not in the order of time"
    if twice(run.connections) is not None:
        yield "the table of connections holds a row twice"


def _parts(row: Attempt) -> Iterator[str]:
    if row.family not in FAMILIES[row.kind] and not NUMBERED.fullmatch(row.family):
        yield f"of the family {row.family!r} there is none"
    transport = row.transport
    if transport is not None and transport not in TRANSPORTS and not _OTHER_TRANSPORT.fullmatch(transport):
        yield f"nothing is carried by {transport!r}"
    if row.outcome is not None and row.outcome not in OUTCOMES and not _ERROR.fullmatch(row.outcome):
        yield f"none comes to {row.outcome!r}"
    if row.package == "":
        yield "its package has no name"
    if not is_pid(row.pid):
        yield f"there is no process {row.pid}"


def _together(row: Attempt) -> Iterator[str]:
    if row.family in INTERNET:
        yield from _internet(row)
    elif row.family == "unix":
        yield from _unix(row)
    elif row.family == "vsock":
        if row.port is not None and not 0 <= row.port < 1 << 32:
            yield f"a port of VSOCK is not {row.port}"
    elif row.port is not None and row.family != "name":
        yield f"the family {row.family} has no ports"
    elif row.address is not None and (row.family in ("name", "io_uring", "request_key") or row.family in REACHES):
        yield f"the family {row.family} has no addresses"
    if row.family == "name" and (row.transport is not None or not (row.port is None or row.port in PORTS)):
        yield "a name that a program asked for has no transport, and a port that there is"
    if row.kind == "listen" and row.transport is None and row.family in (*INTERNET, "unix"):
        yield "it waits, and nothing carries what comes"


def _unix(row: Attempt) -> Iterator[str]:
    if row.address is not None or row.port is not None or row.name is None:
        yield "a Unix socket has a path, and no address or port"
    if row.transport is not None and row.transport not in UNIX_TRANSPORTS:
        yield f"a Unix socket is not carried by {row.transport}"


def _internet(row: Attempt) -> Iterator[str]:
    if row.kind == "socket":
        if row.address is not None or row.port is not None:
            yield "a socket that names nobody has an address"
        return
    if row.outcome == UNEXPLAINED:
        return  # a packet without a call: of some protocols and questions no address is read
    version = _version(row.address or "")
    # A program may give its own Python a name where an address belongs, and Python alone sees that.
    if version != row.family and (version is not None or row.witnesses != ("hook",)):
        yield f"{told(row.address)} is no address of the family {row.family}"
    portless = row.transport in ("icmp", "raw") or (row.transport or "").startswith("protocol ")
    if row.port is None and not portless:
        yield "it has no port"
    if row.port is not None and row.port not in PORTS:
        yield f"there is no port {row.port}"
    if row.kind == "lookup" and row.port not in NAME_PORTS:
        yield f"names are not read at port {told(row.port)}"
    if row.kind == "accept" and row.transport == "udp":
        yield "a datagram socket takes no connections"


def _name(row: Attempt) -> Iterator[str]:
    if row.kind == "lookup" and row.name is None:
        yield "a lookup of no name"
    if row.kind == "reach" and not _TARGET.fullmatch(row.name or ""):
        yield "it took hold of nobody"
    if row.kind != "lookup" and (row.family in INTERNET or row.kind == "socket") and row.name is not None:
        yield "an address of the Internet, or a socket that names nobody, has a name beside it"
    if row.kind == "reach" and not (row.outcome or "").endswith(("the watched tree", "refused")):
        yield "where it took hold is not said"


def _ending(row: Attempt) -> Iterator[str]:
    outcome = row.outcome
    if row.kind == "inherited" and (row.pid is not None or outcome is not None):
        yield "a socket that was there before its process did something"
    if row.kind == "listen" and outcome not in (None, "LISTEN"):
        yield f"it waits, and came to {outcome!r}"
    if row.kind == "socket" and outcome != ("ENOSYS" if row.family == "io_uring" else None):
        yield f"a socket that names nobody came to {outcome or 'nothing'!r}"
    if outcome == "LISTEN" and (row.kind != "listen" or not row.port):
        yield "it listens, and does not wait, or at no port"
    if outcome is None and row.kind == "send" and row.transport in STREAMS and row.witnesses == ("syscalls",):
        yield "a stream sends what opens it, and what that came to is not said"
    if outcome in OF_A_PATH and (row.family != "unix" or row.kind not in ("connect", "send")):
        yield f"it has no path, and came to {outcome!r}"
    if outcome in OF_A_DATAGRAM and (row.kind != "connect" or row.transport not in DATAGRAMS):
        yield f"no datagrams are sent on it, and it came to {outcome!r}"
    if outcome == "begun" and (row.kind != "connect" or row.transport in DATAGRAMS):
        yield "it has nothing to begin, and was begun"
    if outcome == "waits" and row.kind != "send":
        yield "it sends nothing, and waits to send"


def _of_streams(row: Attempt) -> bool:
    return row.family in INTERNET and row.transport in STREAMS


def _peer(row: Attempt) -> Iterator[str]:
    if row.peer is None:
        return
    address = numeric(row.address or "")
    here = row.family == "unix" or (address is not None and (address.is_loopback or address.is_unspecified))
    if row.kind not in ("connect", "send") or not here or (row.family in INTERNET and not row.port):
        yield f"nobody was asked who has its other end, and it is {row.peer}"
    if not _ASKED & set(row.witnesses) and not _met(row):
        yield "none of those who saw it asked who has its other end"
    if row.outcome in OF_A_PATH:
        yield f"its path led to nobody who could be asked for, and its other end is {row.peer}"
    if row.peer == "nobody" and row.outcome in REACHED:
        yield "nobody has its other end, and it was reached"


def _met(row: Attempt) -> bool:
    """Whether a sampler may have seen both ends, or the witness within a process its own listener."""
    by_sight = "sockets" in row.witnesses or _of_streams(row)
    return row.peer == "watched" and row.kind == "connect" and by_sight and not _ASKED & set(row.witnesses)


def _times(row: Attempt, run: Run) -> Iterator[str]:
    if not in_order(0.0, row.first_seen_s, row.last_seen_s, run.duration_s):
        yield f"it was seen from {told(row.first_seen_s)} s to {told(row.last_seen_s)} s"
    if not is_count(row.count - 1, run):
        yield f"it counts {row.count} attempts"


@lru_cache(maxsize=4096)
def _version(text: str) -> str | None:
    """Return the family of an address, None where the text is none."""
    try:
        return "inet6" if ipaddress.ip_address(text).version == 6 else "inet"  # noqa: PLR2004 - the version of IP
    except ValueError:
        return None
