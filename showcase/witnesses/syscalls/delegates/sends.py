"""Calls that carry bytes: `sendto`, `sendmsg`, `sendmmsg`, `write`, `writev`.

Whatever may name a destination is sent in the caller's place. A call that can name none, by the registers that the
kernel stopped it with, is looked at and left to its caller: it goes where an earlier `connect` said.
"""

from __future__ import annotations

import errno
import socket
import struct
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls.calls import dns, message
from showcase.witnesses.syscalls.calls.address import MAX_BYTES, decode, from_peer
from showcase.witnesses.syscalls.calls.call import transport
from showcase.witnesses.syscalls.delegates.delegate import FAMILIES, INTERNET
from showcase.witnesses.syscalls.delegates.delivery import Parcel, deliver
from showcase.witnesses.syscalls.filter.listener import Answer
from showcase.witnesses.syscalls.record.sightings import write_down

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.witnesses.syscalls.calls.call import Call
    from showcase.witnesses.syscalls.delegates.waiting import Waiting

_CONNECTED = (socket.SOCK_STREAM, socket.SOCK_SEQPACKET)
"""Types of Unix sockets that ignore the name of a message (net/unix/af_unix.c)."""

_PREFIX = 1472
"""Bytes of a payload that are read to look for a name."""


def sendto(call: Call) -> Answer | Waiting | None:
    """One payload, with an address or on a connected socket."""
    buffer, length = call.arguments[1:3]
    flags, pointer = call.integer(3), call.arguments[4]
    span = message.Span(buffer, length)
    if not pointer:
        return _on_connected(call, call.integer(0), [span], flags)
    with call.socket(call.integer(0)) as subject:
        if not 0 <= call.integer(5) <= MAX_BYTES:
            return Answer(error=errno.EINVAL)
        raw = call.read_whole(pointer, call.integer(5))
        if subject.family not in FAMILIES:
            call.note("send", decode(raw), transport=transport(subject), by="caller")
            return None
        return deliver(call, subject, Parcel(raw=raw, spans=[span], flags=flags))


def sendmsg(call: Call) -> Answer | Waiting | None:
    """One message."""
    with call.socket(call.integer(0)) as subject:
        if _stays_its_own(call, subject):
            return None
        header = message.header(call.read_whole, call.arguments[1], call.word)
        return _message(call, subject, header, call.integer(2))


def sendmmsg(call: Call) -> Answer | Waiting | None:
    """Several messages. They are sent one by one, until one fails or would wait: what was sent counts."""
    pointer, count = call.arguments[1], min(call.arguments[2] & 0xFFFFFFFF, message.MAX_MESSAGES)
    with call.socket(call.integer(0)) as subject:
        if subject.family not in FAMILIES or _stays_its_own(call, subject):
            return None
        for index in range(count):
            header = message.header(call.read_whole, message.element(pointer, index, call.word), call.word)
            answer = _message(call, subject, header, call.integer(3), alone=index == 0)
            if not isinstance(answer, Answer):
                if index == 0 or answer is None:
                    return answer
                answer.close()
                return Answer(value=index)
            if answer.error:
                return Answer(value=index) if index else answer  # as the kernel does: the error is dropped
            place = message.sent_bytes_at(message.element(pointer, index, call.word), call.word)
            call.write(place, struct.pack("=I", answer.value))
        return Answer(value=count)


def _stays_its_own(call: Call, subject: socket.socket) -> bool:
    """Return whether a caller sends by itself, so that the kernel tells the other end who it is (`SO_PASSCRED`).

    A connected Unix socket sends to its other end, whatever the message names, and of a caller that is alone with its
    descriptors the number still means this socket when the kernel looks. A browser learns in this way which processes
    it has; from us it would learn our number, and end us for one of them.
    """
    return subject.family == socket.AF_UNIX and subject.type in _CONNECTED and call.process.alone()


def write(call: Call) -> Answer | Waiting | None:
    """A write, looked at where it goes to a connected datagram socket or to a name server."""
    return _written(call, lambda: [message.Span(*call.arguments[1:3])])


def writev(call: Call) -> Answer | Waiting | None:
    """Likewise, in pieces."""

    def spans() -> list[message.Span]:
        count = min(call.arguments[2], message.MAX_SPANS)
        return message.spans(call.read_whole, call.arguments[1], count, call.word)

    return _written(call, spans)


def _written(call: Call, spans: Callable[[], list[message.Span]]) -> Answer | Waiting | None:
    descriptor = call.integer(0)
    return _on_connected(call, descriptor, spans(), 0) if call.process.may_be_socket(descriptor) else None


def _message(
    call: Call, subject: socket.socket, header: message.Message, flags: int, *, alone: bool = True
) -> Answer | Waiting | None:
    if subject.family not in FAMILIES:
        return None
    raw = call.read_whole(header.address, min(header.address_bytes, MAX_BYTES)) if header.address_bytes else b""
    spans = message.spans(call.read_whole, header.spans, header.span_count, call.word)
    control = (header.control, header.control_bytes)
    return deliver(call, subject, Parcel(raw=raw, spans=spans, flags=flags, control=control, alone=alone))


def _on_connected(call: Call, descriptor: int, spans: list[message.Span], flags: int) -> Answer | Waiting | None:
    """Bytes that go to where an earlier `connect` said: worth a line for datagrams, and for names."""
    with call.socket(descriptor) as subject:
        if subject.family not in INTERNET:
            return None
        if call.post.routes.held(subject) is not None:
            return deliver(call, subject, Parcel(raw=b"", spans=spans, flags=flags))
        try:
            peer = from_peer(subject.getpeername())
        except OSError:
            return None
        if peer.port in dns.PORTS or subject.type != socket.SOCK_STREAM:
            payload = message.payload(call.read, spans, _PREFIX) if peer.port in dns.PORTS else b""
            more = 1 if flags & socket.MSG_MORE else 0  # what is written next goes into the same datagram
            write_down(call, subject, peer, payload, sum(span.length for span in spans) + more)
    return None
