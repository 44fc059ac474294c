"""A server whose answers have no end, one way or another."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.evidence import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PIECE = b"%x\r\n" % (1 << 20) + b" " * (1 << 20) + b"\r\n"
BETWEEN_S = 0.05
"""Between two bytes: far below every timeout."""


def body_without_end(connection: socket.socket) -> None:
    connection.sendall(CHUNKED)
    while True:
        connection.sendall(PIECE)


def lines_without_end(connection: socket.socket) -> None:
    token = b'{"message": {"role": "assistant", "content": "on and "}, "done": false}\n'
    connection.sendall(CHUNKED)
    while True:
        connection.sendall(b"%x\r\n%s\r\n" % (len(token) * 100, token * 100))


BOMB = gzip.compress(gzip.compress(b" " * (64 << 20), 1, mtime=0), mtime=0)
"""Made before anybody waits for it."""


def packed(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB)


def dribbled_body(connection: socket.socket) -> None:
    connection.sendall(CHUNKED)
    _for_ever(connection, b"1\r\n \r\n")


def dribbled_headers(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    _for_ever(connection, b"X-A: b\r\n")


def one_header_without_end(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"X-A: ")
    _for_ever(connection, b"b")


def interim_answers(connection: socket.socket) -> None:
    _for_ever(connection, b"HTTP/1.1 102 Processing\r\n\r\n")


def until_it_closes(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"\r\n")
    _for_ever(connection, b" ")


def _for_ever(connection: socket.socket, piece: bytes) -> None:
    while True:
        connection.sendall(piece)
        time.sleep(BETWEEN_S)


class EndlessServer:
    """Answers every request that way."""

    def __init__(self, answer: Callable[[socket.socket], None]) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = Endpoint(address="127.0.0.1", port=self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._one, args=(connection,)).start()

    def _one(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(1 << 16)
            self._answer(connection)
            # Closed with something of the request unread, a connection is reset, and the answer with it.
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 16):
                pass

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
