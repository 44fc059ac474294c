"""`connect`, `bind`, `listen` and `socket`."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import delegate, paths
from showcase.witnesses.syscalls.address import MAX_BYTES, Address, decode, family_name, from_peer
from showcase.witnesses.syscalls.call import inode, transport
from showcase.witnesses.syscalls.listener import Answer

if TYPE_CHECKING:
    from showcase.witnesses.syscalls.call import Call

AF_ALG = 38  # the kernel's own cryptography: reaches nobody


def connect(call: Call) -> Answer | None:
    """Begin the connection in the caller's place where that can be done, and write down to where."""
    descriptor, pointer, length = call.integer(0), call.arguments[1], call.integer(2)
    if not 0 <= length <= MAX_BYTES:
        return None  # EINVAL from the kernel, whatever the memory holds
    with ExitStack() as stack:
        subject = call.socket(descriptor)
        if subject is not None:
            stack.enter_context(subject)
        raw = call.read_whole(pointer, length)
        address = decode(raw)
        if subject is None or not delegate.connects(subject):
            if address.family != "netlink":
                call.note("connect", address, transport=transport(subject), by="caller", **paths.fate(call, address))
            return None
        if not call.still_waits():
            return None
        if call.station is not None:
            call.station.expect(address.address, address.port)
        answer, outcome = delegate.connect(subject, raw)
        if address.family != "unspec":  # a disconnection names nobody
            call.note(
                "connect",
                address,
                transport=transport(subject),
                by="supervisor",
                outcome=outcome,
                socket=inode(subject),
            )
        return answer


def bind(call: Call) -> Answer | None:
    """Write down where a socket wants to be reached. Rights to an address are the caller's: it makes the call."""
    length = call.integer(2)
    if 0 <= length <= MAX_BYTES:
        address = decode(call.read_whole(call.arguments[1], length))
        subject = call.socket(call.integer(0))
        if address.family not in {"netlink", "unspec"}:
            call.note("bind", address, transport=transport(subject), by="caller")
        if subject is not None:
            subject.close()
    return None


def listen(call: Call) -> Answer | None:
    """Write down the address on which connections will be taken."""
    subject = call.socket(call.integer(0))
    if subject is not None:
        with subject, suppress(OSError):
            call.note("listen", from_peer(subject.getsockname()), transport=transport(subject), by="caller")
    return None


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
