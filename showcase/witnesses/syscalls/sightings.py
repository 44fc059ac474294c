"""What is written down of a message: where it went, and the name that it asks for."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import dns
from showcase.witnesses.syscalls.call import inode, transport
from showcase.witnesses.syscalls.connections import peer_of

if TYPE_CHECKING:
    from showcase.witnesses.syscalls.address import Address
    from showcase.witnesses.syscalls.call import Call


def write_down(
    call: Call, subject: socket.socket, address: Address, payload: bytes, by: str = "kernel", **more: object
) -> None:
    """Write down a message, and the name that it asks for where it asks for one."""
    carrier, which = transport(subject), inode(subject)
    if address.port in dns.PORTS:
        in_stream = subject.type == socket.SOCK_STREAM
        query = dns.question_in_stream(payload) if in_stream else dns.question(payload)
        if query is not None:
            named = address._replace(name=query.name)
            call.note("lookup", named, transport=carrier, query=query.type, by=by, socket=which, **more)
            return
    if subject.type != socket.SOCK_STREAM or subject.family == socket.AF_UNIX:
        peer = peer_of(call, subject, address) if "peer" not in more else more.pop("peer")
        call.note_once(which, "send", address, transport=carrier, by=by, socket=which, peer=peer, **more)
