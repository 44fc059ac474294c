"""Speaks TLS with a command that trusts this run's authority, and reads the request that would have left."""

from __future__ import annotations

import os
import re
import ssl
import threading
import time
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from showcase.witnesses.sink import hello, redaction

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

MOST_BODY = 1 << 20
"""Bytes of a body that are read."""

_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
"""What no text has in it, but a terminal's colours."""

_IN_WORDS = re.compile(r"[^\x00-\x1f\x7f\ufffd]{4,}")
"""As strings(1) has it: four letters in a row."""

_SHOWN_BODY = 1 << 16
_MOST_OF_A_CERTIFICATE = 1 << 16
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS  # either header is taken (zlib's inflateInit2)
_PATIENCE_S = 5.0


class Revealer:
    """Speaks for any host, with certificates that the run's authority issues: a process that it asks on a socket.

    No package is loaded here for it, and no key is on a disk.
    """

    def __init__(self, authority: socket.socket) -> None:
        authority.set_inheritable(False)
        authority.settimeout(_PATIENCE_S)
        self._authority = authority
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def context(self, host: str) -> ssl.SSLContext | None:
        """Return what it takes to be a host, None where there can be no certificate for it."""
        with self._lock:
            if host not in self._contexts:
                try:
                    self._contexts[host] = self._made(host)
                except (OSError, ValueError):
                    return None
            return self._contexts[host]

    def accept(self, connection: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket | None:
        """Return the connection in the clear, None where the command does not trust us."""
        try:
            connection.settimeout(_PATIENCE_S)
            return context.wrap_socket(connection, server_side=True)
        except (OSError, ValueError):
            return None

    def request(self, connection: socket.socket) -> dict[str, Any]:
        """Return the request that is said on a connection; see `read`."""
        return read(connection)

    def _made(self, host: str) -> ssl.SSLContext:
        try:
            self._authority.sendall(host.encode("ascii", "replace"))
            issued = self._authority.recv(_MOST_OF_A_CERTIFICATE)
        except OSError:
            self._authority.close()  # an answer that comes late would be taken for that of the next host
            raise
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])  # the one that is read here
        # The ssl module reads files alone: this one has no name (memfd_create(2)).
        with os.fdopen(os.memfd_create("certificate"), "wb", buffering=0) as file:
            file.write(issued)
            context.load_cert_chain(f"/proc/self/fd/{file.fileno()}")
        return context


def read(connection: socket.socket) -> dict[str, Any]:
    """Return the request that is said on a connection, without keys: method, path, headers, body."""
    data = b""
    until = time.monotonic() + _PATIENCE_S
    wanted = None
    with suppress(OSError):
        while (wanted is None or len(data) < wanted) and (left := until - time.monotonic()) > 0:
            connection.settimeout(left)
            more = connection.recv(1 << 16)
            if not more:
                break
            data += more
            if wanted is None and b"\r\n\r\n" in data:
                wanted = _length(data)
    said = hello.read(data)
    if said.protocol != "http":
        return {}
    head, _, body = data.partition(b"\r\n\r\n")
    # A line that begins with a space goes on with the one before it (obs-fold, RFC 9112).
    line, *lines = re.sub(r"\r\n[ \t]+", " ", head.decode("latin-1")).split("\r\n")
    pairs = [
        (redaction.text(name.strip()), value.strip()) for name, _, value in (each.partition(":") for each in lines)
    ]
    return {
        "method": said.method,
        "path": redaction.text(line.split(" ")[1]),
        "headers": [(name, redaction.header(name, value)) for name, value in pairs],
        "body": redaction.text(_readable(body, {name.lower(): value for name, value in pairs})) or None,
    }


def _readable(body: bytes, headers: Mapping[str, str]) -> str:
    """Return the beginning of a body as text, unpacked; of one that cannot be unpacked here, only its size."""
    encoding = headers.get("content-encoding", "identity").lower()
    if not body or encoding == "identity":
        return _text(body[:_SHOWN_BODY])
    if encoding in {"gzip", "x-gzip", "deflate"}:
        with suppress(zlib.error):
            return _text(zlib.decompressobj(_GZIP_OR_ZLIB).decompress(body, _SHOWN_BODY))
    return f"[{len(body)} bytes, packed as {encoding[:20]}]"


def _text(body: bytes) -> str:
    """Return a body as text; of one that is none (protocol buffers, pictures) whatever can be read in it."""
    text = body.decode("utf-8", "replace")
    if _NO_TEXT.search(text) is None:
        return text
    return "\n".join((f"[{len(body)} bytes that are no text; of them can be read:]", *_IN_WORDS.findall(text)))


def _length(data: bytes) -> int:
    """Return how many bytes a request has in all; of a chunked body what came with its head is enough."""
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip() == b"content-length" and value.strip().isdigit():
            return len(head) + 4 + min(int(value), MOST_BODY)
        if name.strip() == b"transfer-encoding" and not body:
            return len(data) + 1
    return len(data)
