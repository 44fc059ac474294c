"""`struct msghdr` and what hangs on it, in both sizes of pointer."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_HEADERS = {8: struct.Struct("=QI4xQQQQi4x"), 4: struct.Struct("=IIIIIIi")}
_SPANS = {8: struct.Struct("=QQ"), 4: struct.Struct("=II")}
_STRIDES = {8: 64, 4: 32}  # of mmsghdr: a msghdr, the length that was sent, padding
MAX_SPANS = 1024  # UIO_MAXIOV
MAX_MESSAGES = 1024  # the kernel takes no more in one sendmmsg


class Message(NamedTuple):
    """One message: where its address, its payload and its control data lie."""

    address: int
    address_bytes: int
    spans: int
    span_count: int
    control: int
    control_bytes: int


class Span(NamedTuple):
    """A piece of payload."""

    address: int
    length: int


def header(read: Callable[[int, int], bytes], pointer: int, word: int) -> Message:
    """Read a msghdr."""
    layout = _HEADERS[word]
    name, name_bytes, spans, count, control, control_bytes, _ = layout.unpack(read(pointer, layout.size))
    return Message(
        name,
        name_bytes if name else 0,
        spans,
        min(count, MAX_SPANS),
        control,
        control_bytes if control else 0,
    )


def element(pointer: int, index: int, word: int) -> int:
    """Return where the message `index` of a sendmmsg's array lies."""
    return pointer + index * _STRIDES[word]


def sent_bytes_at(pointer: int, word: int) -> int:
    """Return where the kernel writes how much of the message of an mmsghdr was sent."""
    return pointer + _HEADERS[word].size


def spans(read: Callable[[int, int], bytes], pointer: int, count: int, word: int) -> list[Span]:
    """Read an array of iovecs."""
    layout = _SPANS[word]
    return [Span(*each) for each in layout.iter_unpack(read(pointer, count * layout.size))]


def payload(read: Callable[[int, int], bytes], pieces: list[Span], limit: int, start: int = 0) -> bytes:
    """Read the payload from its byte `start` on, at most `limit` bytes of it."""
    data = bytearray()
    for piece in pieces:
        skipped = min(start, piece.length)
        start -= skipped
        wanted = min(piece.length - skipped, limit - len(data))
        if wanted > 0:
            data += read(piece.address + skipped, wanted)
    return bytes(data)
