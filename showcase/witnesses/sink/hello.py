"""What a client says first: a TLS ClientHello (RFC 8446, 4.1.2) or the head of an HTTP request (RFC 9112)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 1 << 16
"""A first message beyond this is not read to its end."""

_HANDSHAKE, _CLIENT_HELLO = 22, 1
_RECORD_HEADER = 5
_SERVER_NAME, _ALPN = 0, 16
_HOST_NAME = 0
_METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PRI", "PROPFIND"}
)


class Hello(NamedTuple):
    """What was said: `host` is the SNI or the Host header, `method` and `path` those of HTTP."""

    protocol: str
    host: str | None = None
    alpn: tuple[str, ...] = ()
    method: str | None = None
    path: str | None = None


def is_whole(data: bytes) -> bool:
    """Return whether nothing more is needed to read it."""
    if len(data) >= MOST_BYTES:
        return True
    if data[:1] == bytes([_HANDSHAKE]):
        return len(data) >= _RECORD_HEADER and len(data) >= _RECORD_HEADER + int.from_bytes(data[3:5], "big")
    return b"\r\n\r\n" in data


def read(data: bytes) -> Hello:
    """Return what the bytes say; `other` where they are neither, `silent` where there are none."""
    if not data:
        return Hello("silent")
    if data[:1] == bytes([_HANDSHAKE]) and data[_RECORD_HEADER : _RECORD_HEADER + 1] == bytes([_CLIENT_HELLO]):
        host: str | None = None
        alpn: tuple[str, ...] = ()
        with suppress(IndexError, UnicodeDecodeError):
            for kind, body in _extensions(data):
                if kind == _SERVER_NAME and body[2] == _HOST_NAME:
                    host = body[5 : 5 + int.from_bytes(body[3:5], "big")].decode("ascii")
                elif kind == _ALPN:
                    alpn = tuple(each.decode("ascii") for each in _short_vectors(body[2:]))
        return Hello("tls", host, alpn)
    return _http(data)


def _extensions(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = _RECORD_HEADER + 4 + 2 + 32  # the handshake's header, version, random
    at += 1 + data[at]  # session id
    at += 2 + int.from_bytes(data[at : at + 2], "big")  # cipher suites
    at += 1 + data[at]  # compression methods
    end = at + 2 + int.from_bytes(data[at : at + 2], "big")
    at += 2
    while at + 4 <= min(end, len(data)):
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        yield int.from_bytes(data[at : at + 2], "big"), data[at + 4 : at + 4 + length]
        at += 4 + length


def _short_vectors(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        yield data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]


def _http(data: bytes) -> Hello:
    head, *lines = data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    words = head.split(" ")
    if len(words) != 3 or words[0] not in _METHODS:  # noqa: PLR2004 - method, target, version
        return Hello("other")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    # What stands behind the question mark may be a key or what somebody said: it is not kept.
    path, question, _ = words[1].partition("?")
    return Hello("http", headers.get("host"), (), words[0], path + ("?…" if question else ""))
