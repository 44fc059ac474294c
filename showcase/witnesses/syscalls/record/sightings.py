"""What is written down of a message: where it went, and the name that it asks for."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls.calls import dns
from showcase.witnesses.syscalls.calls.call import inode, transport
from showcase.witnesses.syscalls.delegates.connections import peer_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.witnesses.syscalls.calls.address import Address
    from showcase.witnesses.syscalls.calls.call import Call


def write_down(
    call: Call,
    subject: socket.socket,
    address: Address,
    payload: bytes,
    total: int,
    *,
    by: str = "kernel",
    **more: object,
) -> None:
    """Write down a message, and the names that it asks for where it asks for any.

    Args:
        call: The call that sends it.
        subject: The socket.
        address: Where it goes.
        payload: What was read of it, from its beginning; nothing is read of what goes to no name server.
        total: Bytes of the whole.
        by: Who makes the call.
        more: What else is written down.
    """
    stream = subject.type == socket.SOCK_STREAM and subject.family != socket.AF_UNIX
    about = {"transport": transport(subject), "by": by, "socket": inode(subject)}
    says_more = not stream
    if address.port in dns.PORTS:
        asked, says_more = (_streamed if stream else _datagram)(call, subject, payload, total)
        for query in asked:
            call.note("lookup", address._replace(name=query.name), query=query.type, **about, **more)
    if says_more:
        peer = {} if "peer" in more else {"peer": peer_of(call, subject, address)}
        call.note_once(about["socket"], "send", address, **about, **peer, **more)


def _streamed(call: Call, subject: socket.socket, payload: bytes, total: int) -> tuple[Sequence[dns.Query], bool]:
    """Return what a stream asks for with this write, and whether it is the first that is no lookup."""
    stream = call.post.questions.setdefault(inode(subject), dns.Stream())
    before = stream.flaw
    return stream.feed(payload, total), before is None and stream.flaw is not None


def _datagram(_call: Call, _subject: socket.socket, payload: bytes, total: int) -> tuple[Sequence[dns.Query], bool]:
    """Return what a datagram asks for, and whether it says more than that."""
    query = dns.question(payload)
    if query is None:
        return (), True
    return (query,), len(payload) < total or not dns.only_asks(payload, query)
