"""Sending a message in its caller's place."""

from __future__ import annotations

import errno
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls.calls import control, dns, message
from showcase.witnesses.syscalls.calls.address import decode, from_peer
from showcase.witnesses.syscalls.calls.call import transport
from showcase.witnesses.syscalls.delegates import delegate
from showcase.witnesses.syscalls.delegates.waiting import Sending
from showcase.witnesses.syscalls.filter.listener import Answer
from showcase.witnesses.syscalls.record.sightings import write_down
from showcase.witnesses.syscalls.rules import options, unix

if TYPE_CHECKING:
    from showcase.witnesses.syscalls.calls.address import Address
    from showcase.witnesses.syscalls.calls.call import Call
    from showcase.witnesses.syscalls.delegates.waiting import Waiting

MAX_MESSAGE = 1 << 20
"""The longest message, and how much of a stream is sent at once, in bytes."""

_FAST_OPEN = 0x20000000  # MSG_FASTOPEN: connects, and sends with the first packet
_NATIVE_WORD = 8


@dataclass(frozen=True)
class Parcel:
    """One message.

    Attributes:
        raw: Where to, as a sockaddr; empty for where the socket is connected to.
        spans: Where its payload lies.
        flags: Those of the call.
        control: Where its control data lies, and how long it is.
        alone: Whether the caller waits for it; of several the kernel would send those that fit.
    """

    raw: bytes
    spans: list[message.Span]
    flags: int
    control: tuple[int, int] = (0, 0)
    alone: bool = True

    @property
    def total(self) -> int:
        """Bytes of its payload."""
        return sum(span.length for span in self.spans)


def deliver(call: Call, subject: socket.socket, parcel: Parcel) -> Answer | Waiting | None:
    """Send a message, or as much of it as a stream takes."""
    stream = subject.type == socket.SOCK_STREAM
    refusal = _refusal(call, subject, parcel, stream=stream)
    if refusal is not None:
        return refusal
    held = call.post.routes.held(subject) if not parcel.raw else None
    raw = parcel.raw or held or b""
    if not stream and raw and decode(raw).port in dns.PORTS:
        # What is written next would go into the same datagram, behind the question, and is not asked about.
        parcel = replace(parcel, flags=parcel.flags & ~socket.MSG_MORE)
    first = message.payload(call.read, parcel.spans, MAX_MESSAGE)
    if len(first) < min(parcel.total, MAX_MESSAGE):
        return Answer(error=errno.EFAULT)
    if not call.still_waits():
        return None
    data = call.read_whole(*parcel.control) if parcel.control[1] else b""
    try:
        with control.ours(data, call.process.copy) as translated:
            if not call.sealed:
                _note_way(call, subject, raw, data)
            return _send(call, subject, parcel, raw, (first, translated))
    except OSError as error:  # a descriptor that its caller does not have
        if error.errno != errno.EBADF:
            raise
        return Answer(error=errno.EBADF)


def _note_way(call: Call, subject: socket.socket, raw: bytes, data: bytes) -> None:
    """Write down a way that the address does not tell: of its control data, or to a process by way of the kernel."""
    if options.is_netlink_to_a_process(raw):
        options.note(call, "netlink", "another process, by way of the kernel")
    if data and subject.family in delegate.INTERNET:
        options.note_control(call, data, decode(raw) if raw else None)


def _refusal(call: Call, subject: socket.socket, parcel: Parcel, *, stream: bool) -> Answer | None:
    """Return what a caller gets for what cannot be done in its place; programs have a way without."""
    if parcel.flags & _FAST_OPEN and stream and subject.family in delegate.INTERNET:
        address = decode(parcel.raw)
        call.note("send", address, transport=transport(subject), by="supervisor", outcome="EOPNOTSUPP")
        return Answer(error=errno.EOPNOTSUPP)
    if parcel.flags & delegate.MSG_ZEROCOPY:
        return Answer(error=errno.ENOBUFS)
    if parcel.control[1] and call.word != _NATIVE_WORD:
        call.note("send", decode(parcel.raw), transport=transport(subject), by="supervisor", outcome="EOPNOTSUPP")
        return Answer(error=errno.EOPNOTSUPP)
    if parcel.control[1] > control.MAX_BYTES:
        return Answer(error=errno.ENOBUFS)
    return Answer(error=errno.EMSGSIZE) if not stream and parcel.total > MAX_MESSAGE else None


def _send(
    call: Call, subject: socket.socket, parcel: Parcel, raw: bytes, content: tuple[bytes, bytes]
) -> Answer | Waiting | None:
    first, translated = content
    stream = subject.type == socket.SOCK_STREAM
    at: tuple[bytes, int | None] = (raw, None)
    if subject.family == socket.AF_UNIX and raw and subject.type == socket.SOCK_DGRAM:
        reached = unix.reach(
            call, raw, decode(raw), lambda place: delegate.send(subject, first, parcel.flags, place, translated)
        )
        _note_unix(call, subject, reached)
        if not reached.made:
            return None
        answer, at = reached.answer, (reached.where, reached.hold)
    else:
        answer, outcome = delegate.send(subject, first, parcel.flags, raw, translated)
        _note(call, subject, raw, (first, parcel.total), outcome)
    if answer is not None and answer.error == errno.EPIPE and stream and not parcel.flags & socket.MSG_NOSIGNAL:
        with suppress(OSError):
            call.process.signal(signal.SIGPIPE)
    return _whole(call, subject, parcel, answer, at)


def _whole(
    call: Call, subject: socket.socket, parcel: Parcel, answer: Answer | None, at: tuple[bytes, int | None]
) -> Answer | Waiting | None:
    """Return the answer, or what goes on until the whole of a message was taken."""
    stream = subject.type == socket.SOCK_STREAM
    where, hold = at
    sent = 0 if answer is None else answer.value
    patient = parcel.alone and not parcel.flags & socket.MSG_DONTWAIT and delegate.blocks(subject)
    if answer is not None and (answer.error or not stream or sent >= parcel.total or not patient):
        return answer

    def send(own: socket.socket, start: int) -> Answer | None:
        part = message.payload(call.read, parcel.spans, MAX_MESSAGE, start)
        return delegate.send(own, part, parcel.flags, where)[0]

    return Sending(subject, send, parcel.total if stream else 0, sent, hold)


def _note_unix(call: Call, subject: socket.socket, reached: unix.Reached) -> None:
    more = {**reached.fields, "socket": None}
    call.note_once(reached.address.name, "send", reached.address, transport=transport(subject), **more)


def _note(call: Call, subject: socket.socket, raw: bytes, content: tuple[bytes, int], outcome: str) -> None:
    if subject.family not in delegate.INTERNET:
        return
    address: Address
    if raw:
        address = decode(raw)
        if subject.type == socket.SOCK_STREAM:
            return  # TCP ignores the address of a connected socket and refuses an unconnected one
    else:
        try:
            address = from_peer(subject.getpeername())
        except OSError:
            return
    write_down(call, subject, address, *content, by="supervisor", outcome=outcome)
