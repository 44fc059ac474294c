"""`connect`, `bind`, `listen` and `socket`."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, Literal

from showcase.witnesses.syscalls.calls.address import MAX_BYTES, Address, decode, family_name, from_peer
from showcase.witnesses.syscalls.calls.call import inode, transport
from showcase.witnesses.syscalls.delegates import delegate
from showcase.witnesses.syscalls.delegates.waiting import Connecting
from showcase.witnesses.syscalls.filter.listener import Answer
from showcase.witnesses.syscalls.rules import options, rights, unix

if TYPE_CHECKING:
    from showcase.witnesses.syscalls.calls.call import Call
    from showcase.witnesses.syscalls.delegates.waiting import Waiting
    from showcase.witnesses.syscalls.rules.peers import Peer

AF_ALG = 38  # the kernel's own cryptography: reaches nobody
PINGS = frozenset({"icmp"})
"""Transports of a ping socket, whose port is none: whoever listens to all packets hears it."""

_NAMELESS = frozenset({"netlink", "alg", "unspec"})
"""Families of addresses that name nobody."""


def connect(call: Call) -> Answer | Waiting | None:
    """Begin the connection in the caller's place, and write down to where."""
    with call.socket(call.integer(0)) as subject:
        length = call.integer(2)
        if not 0 <= length <= MAX_BYTES:
            return Answer(error=errno.EINVAL)
        raw = call.read_whole(call.arguments[1], length)
        address = decode(raw)
        if subject.family not in delegate.FAMILIES:
            call.note("connect", address, transport=transport(subject), by="caller")
            return None
        if subject.family == socket.AF_UNIX:
            return _connect_unix(call, subject, raw, address)
        if not call.still_waits():
            return None
        if call.post.station is not None:
            call.post.station.expect(address.address, address.port)
        return _connect_internet(call, subject, raw, address)


def _connect_unix(call: Call, subject: socket.socket, raw: bytes, address: Address) -> Answer | Waiting | None:
    reached = unix.reach(call, raw, address, lambda where: delegate.connect(subject, where))
    call.note("connect", reached.address, transport=transport(subject), socket=inode(subject), **reached.fields)
    if reached.answer is None and reached.made:
        return Connecting(subject, reached.where, reached.hold)
    return reached.answer


def _connect_internet(call: Call, subject: socket.socket, raw: bytes, address: Address) -> Answer | Waiting | None:
    held = None
    call.post.questions.pop(inode(subject), None)
    if not call.sealed and subject.family in delegate.INTERNET:
        held = call.post.routes.connect(subject, call.tid, raw, address)
    before = peer_of(call, subject, address)
    answer, outcome = (held, _outcome(held)) if held is not None else delegate.connect(subject, raw)
    if options.is_netlink_to_a_process(raw) and not call.sealed:
        options.note(call, "netlink", "another process, by way of the kernel")
    if address.family not in _NAMELESS:  # a disconnection names nobody
        refused = answer.error > 0 if answer is not None else outcome != "begun"
        peer = _worse(before, peer_of(call, subject, address), refused=refused)
        call.note(
            "connect",
            address,
            transport=transport(subject),
            by="supervisor",
            outcome=outcome,
            socket=inode(subject),
            peer=peer,
            held=True if held is not None else None,
        )
    return Connecting(subject, raw) if answer is None else answer


def _outcome(answer: Answer) -> str:
    return errno.errorcode.get(answer.error, str(answer.error)) if answer.error else "ok"


def peer_of(call: Call, subject: socket.socket, address: Address) -> Peer | None:
    """Return who waits where an address leads, None where that is no port of this machine."""
    if address.address is None or not address.port or transport(subject) in PINGS:
        return None
    kind: Literal["stream", "datagram"] = "datagram" if subject.type == socket.SOCK_DGRAM else "stream"
    return call.post.peers.on_loopback(call.tid, kind, address.address, address.port)


def _worse(before: Peer | None, after: Peer | None, *, refused: bool) -> Peer | None:
    """Return who took a call: whoever waits before and after it, and one of the watched only if both are."""
    if before == after and before != "nobody":
        return before
    return "nobody" if refused and "unwatched" not in (before, after) else "unwatched"


def bind(call: Call) -> Answer | None:
    """Bind in the caller's place, and write down where a socket wants to be reached.

    A path is the caller's: the name that others see is the one that it was given. In a seal it costs the verdict.
    """
    with call.socket(call.integer(0)) as subject:
        length = call.integer(2)
        if not 0 <= length <= MAX_BYTES:
            return Answer(error=errno.EINVAL)
        raw = call.read_whole(call.arguments[1], length)
        address = decode(raw)
        carrier = transport(subject)
        if subject.family not in delegate.FAMILIES or unix.is_path(raw):
            call.post.peers.waits(inode(subject))
            call.note("bind", address, transport=carrier, by="caller", socket=inode(subject))
            return None
        if not call.still_waits():
            return None
        if call.sealed and subject.family in delegate.INTERNET and 0 < (address.port or 0) < rights.PRIVILEGED_PORTS:
            return Answer(error=errno.EACCES)
        with rights.of_thread(call.tid):
            answer, outcome = delegate.made("bind", subject, raw, len(raw))
        if address.family not in _NAMELESS:
            if not answer.error and subject.type not in {socket.SOCK_STREAM, socket.SOCK_SEQPACKET}:
                call.post.peers.waits(inode(subject))
            call.note("bind", address, transport=carrier, by="supervisor", outcome=outcome)
        return answer


def listen(call: Call) -> Answer | None:
    """Write down the address on which connections will be taken.

    The peers of a Unix socket are told who listens: its owner makes the call.
    """
    with call.socket(call.integer(0)) as subject:
        call.post.peers.waits(inode(subject))
        made = subject.family in delegate.INTERNET and call.still_waits()
        answer = delegate.made("listen", subject, call.integer(1))[0] if made else None
        if answer is None or not answer.error:
            by = "supervisor" if made else "caller"
            address, number = from_peer(subject.getsockname()), inode(subject)
            station = call.post.station if subject.family == socket.AF_UNIX else None
            private = {"socket": number, "private": True} if station is not None and station.is_private(number) else {}
            call.note("listen", address, transport=transport(subject), by=by, **private)
        return answer


def make_socket(call: Call) -> Answer | None:
    """Write down a socket of a kind whose destinations no later call need name."""
    family, kind = call.integer(0), call.integer(1) & 0xF
    if family in {socket.AF_UNIX, 16} or (family in {2, 10} and kind in {1, 2}):
        return None  # an ordinary one, asked about because another interface's registers are not tested
    call.note("socket", Address(family_name(family)), transport=_kind(kind), by="caller")
    return None


def make_socket_sealed(call: Call) -> Answer | None:
    """As `make_socket`; but what a network namespace does not hold in (VSOCK and the like) is not there."""
    family = call.integer(0)
    make_socket(call)
    held_in = {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, 16, 17, AF_ALG}
    return None if family in held_in else Answer(error=errno.EAFNOSUPPORT)


def _kind(number: int) -> str:
    return {1: "stream", 2: "dgram", 3: "raw", 5: "seqpacket"}.get(number, f"type {number}")
