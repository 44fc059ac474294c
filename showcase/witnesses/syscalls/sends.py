"""Calls that carry bytes: `sendto`, `sendmsg`, `sendmmsg`, `write`, `writev`."""

from __future__ import annotations

import errno
import socket
import struct
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import delegate, dns, message, paths
from showcase.witnesses.syscalls.address import MAX_BYTES, Address, decode, from_peer
from showcase.witnesses.syscalls.call import inode, transport
from showcase.witnesses.syscalls.listener import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.witnesses.syscalls.call import Call

_PREFIX = 1472
"""Bytes of a payload that are read to look for a name."""

_FAST_OPEN = 0x20000000  # MSG_FASTOPEN: connects, and sends with the first packet


def sendto(call: Call) -> Answer | None:
    """One payload, with an address or on a connected socket."""
    descriptor, buffer, length, flags, pointer = (
        call.integer(0),
        *call.arguments[1:3],
        call.integer(3),
        call.arguments[4],
    )
    subject = call.socket(descriptor)
    if subject is None:
        return None
    with subject:
        if not pointer:
            _on_connected(call, subject, lambda: call.read(buffer, min(length, _PREFIX)))
            return None
        address_bytes = call.integer(5)
        if not 0 <= address_bytes <= MAX_BYTES:
            return None
        raw = call.read_whole(pointer, address_bytes)
        if not delegate.sends(subject) or length > delegate.MAX_PAYLOAD:
            _named(call, subject, decode(raw), lambda: call.read(buffer, min(length, _PREFIX)), flags)
            return None
        payload = call.read(buffer, length)
        if len(payload) < length:
            return Answer(error=errno.EFAULT)
        return _deliver(call, subject, payload, flags, raw)


def sendmsg(call: Call) -> Answer | None:
    """One message."""
    subject = call.socket(call.integer(0))
    if subject is None:
        return None
    with subject:
        return _message(call, subject, call.arguments[1], call.integer(2))


def sendmmsg(call: Call) -> Answer | None:
    """Several messages. In the caller's place they are sent one by one, until one fails."""
    pointer, count, flags = (
        call.arguments[1],
        min(call.arguments[2] & 0xFFFFFFFF, message.MAX_MESSAGES),
        call.integer(3),
    )
    subject = call.socket(call.integer(0))
    if subject is None:
        return None
    with subject:
        headers = [
            message.header(call.read_whole, message.element(pointer, index, call.word), call.word)
            for index in range(count)
        ]
        if not delegate.sends(subject) or not all(each.address and not each.control for each in headers):
            for index in range(count):
                _look(call, subject, headers[index], flags)
            return None
        for index, header in enumerate(headers):
            answer = _send_message(call, subject, header, flags)
            if answer is None or answer.error:
                if index:
                    return Answer(value=index)  # as the kernel does: what was sent counts, the error is dropped
                return answer
            place = message.sent_bytes_at(message.element(pointer, index, call.word), call.word)
            call.write(place, struct.pack("=I", answer.value))
        return Answer(value=count)


def write(call: Call) -> Answer | None:
    """A write, looked at where it goes to a connected datagram socket or to a name server."""
    length = min(call.arguments[2], _PREFIX)
    _written(call, lambda: call.read(call.arguments[1], length))
    return None


def writev(call: Call) -> Answer | None:
    """Likewise, in pieces."""

    def payload() -> bytes:
        count = min(call.arguments[2], message.MAX_SPANS)
        return message.payload(call.read, message.spans(call.read_whole, call.arguments[1], count, call.word), _PREFIX)

    _written(call, payload)
    return None


def _written(call: Call, payload: Callable[[], bytes]) -> None:
    descriptor = call.integer(0)
    if not call.process.may_be_socket(descriptor):
        return
    subject = call.socket(descriptor)
    if subject is not None:
        with subject:
            _on_connected(call, subject, payload)


def _message(call: Call, subject: socket.socket, pointer: int, flags: int) -> Answer | None:
    header = message.header(call.read_whole, pointer, call.word)
    if not header.address or header.control or not delegate.sends(subject):
        _look(call, subject, header, flags)
        return None
    return _send_message(call, subject, header, flags)


def _look(call: Call, subject: socket.socket, header: message.Message, flags: int) -> None:
    def payload() -> bytes:
        pieces = message.spans(call.read_whole, header.spans, header.span_count, call.word)
        return message.payload(call.read, pieces, _PREFIX)

    if header.address:
        _named(
            call,
            subject,
            decode(call.read(header.address, min(header.address_bytes, MAX_BYTES))),
            payload,
            flags,
        )
    else:
        _on_connected(call, subject, payload)


def _send_message(call: Call, subject: socket.socket, header: message.Message, flags: int) -> Answer | None:
    raw = call.read_whole(header.address, min(header.address_bytes, MAX_BYTES))
    pieces = message.spans(call.read_whole, header.spans, header.span_count, call.word)
    total = sum(piece.length for piece in pieces)
    if total > delegate.MAX_PAYLOAD:
        return Answer(error=errno.EMSGSIZE)
    payload = message.payload(call.read, pieces, total)
    if len(payload) < total:
        return Answer(error=errno.EFAULT)
    return _deliver(call, subject, payload, flags, raw)


def _deliver(call: Call, subject: socket.socket, payload: bytes, flags: int, raw: bytes) -> Answer | None:
    if not call.still_waits():
        return None
    answer, outcome = delegate.send(subject, payload, flags, raw)
    by = "caller" if answer is None else "supervisor"
    _note(call, subject, decode(raw), payload, {"by": by, "outcome": outcome, "socket": inode(subject)})
    return answer


def _named(call: Call, subject: socket.socket, address: Address, payload: Callable[[], bytes], flags: int) -> None:
    if address.family == "netlink":
        return
    more: dict[str, object] = {"by": "caller", "socket": inode(subject), **paths.fate(call, address)}
    if flags & _FAST_OPEN and subject.type == socket.SOCK_STREAM:
        more["fast_open"] = True
    elif subject.family in {socket.AF_INET, socket.AF_INET6} and subject.type == socket.SOCK_STREAM:
        return  # TCP ignores the address of a connected socket and refuses an unconnected one
    _note(call, subject, address, payload() if address.port in dns.PORTS else b"", more)


def _on_connected(call: Call, subject: socket.socket, payload: Callable[[], bytes]) -> None:
    """Bytes that go to where an earlier `connect` said: worth a line for datagrams, and for names."""
    if subject.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    try:
        peer = from_peer(subject.getpeername())
    except OSError:
        return
    named = peer.port in dns.PORTS
    if named or subject.type != socket.SOCK_STREAM:
        _note(call, subject, peer, payload() if named else b"", {"by": "kernel", "socket": inode(subject)})


def _note(call: Call, subject: socket.socket, address: Address, payload: bytes, more: dict[str, object]) -> None:
    carrier = transport(subject)
    query = None
    if address.port in dns.PORTS:
        in_stream = subject.type == socket.SOCK_STREAM
        query = dns.question_in_stream(payload) if in_stream else dns.question(payload)
    if query is not None:
        call.note("lookup", address._replace(name=query.name), transport=carrier, query=query.type, **more)
        return
    if subject.type == socket.SOCK_STREAM and subject.family != socket.AF_UNIX and "fast_open" not in more:
        return
    call.note_once(more["socket"], "send", address, transport=carrier, **more)
