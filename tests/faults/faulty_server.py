"""A real HTTP server on loopback that passes everything on to a real engine, except for what it does wrong."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from showcase.claims.coverage import END_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.evidence import Endpoint


class Request(BaseHTTPRequestHandler):
    """One request, whose body is read before anything else."""

    body = b""


class FaultyServer:
    """Serves until it is closed.

    Args:
        engine: Where the real engine listens.
        path: The path that goes wrong.
        wrong: What happens there instead of an answer.
        after: How many requests to that path are answered rightly before.
        counted: Whether a request, by its body, counts and may go wrong; others are passed on. By itself, every one.
    """

    def __init__(
        self,
        engine: Endpoint,
        path: str,
        wrong: Callable[[Request, FaultyServer], None],
        *,
        after: int = 0,
        counted: Callable[[bytes], bool] = lambda _: True,
    ) -> None:
        self.engine = engine
        self.asked: Counter[str] = Counter()
        self.closed = threading.Event()
        self.reached = threading.Event()
        outer = self

        class Handler(Request):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                # A client that was killed leaves its connection in the middle of anything.
                with contextlib.suppress(OSError):
                    super().handle_one_request()
                    return
                self.close_connection = True

            def do_GET(self) -> None:
                self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                goes_wrong = self.path == path and counted(self.body)
                outer.asked[self.path] += goes_wrong or self.path != path
                if goes_wrong and outer.asked[path] > after:
                    outer.reached.set()
                    self.close_connection = True
                    wrong(self, outer)
                else:
                    outer.pass_on(self)

            do_POST = do_GET  # noqa: N815 - the base class's name

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def pass_on(self, handler: Request) -> None:
        """Let the real engine answer."""
        connection = http.client.HTTPConnection(self.engine.address, self.engine.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(handler.command, handler.path, handler.body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            data = answer.read()
        respond(handler, answer.status, data, answer.headers.get("Content-Type", "application/json"))

    def close(self) -> None:
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def respond(handler: BaseHTTPRequestHandler, status: int, data: bytes, kind: str = "application/json") -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def hangs(_: BaseHTTPRequestHandler, server: FaultyServer) -> None:
    server.closed.wait(120)


def takes_its_time(handler: Request, server: FaultyServer) -> None:
    if server.asked[handler.path] == 1:
        server.closed.wait(END_S + 2)
    server.pass_on(handler)


def writes_one_word_and_no_more(handler: BaseHTTPRequestHandler, server: FaultyServer) -> None:
    """As a model does that writes slowly: the stream stays open."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/x-ndjson")
    handler.end_headers()
    handler.wfile.write(b'{"model":"rehearsal","message":{"role":"assistant","content":"You"},"done":false}\n')
    handler.wfile.flush()
    server.closed.wait(120)


def answers_500(handler: BaseHTTPRequestHandler, _: FaultyServer) -> None:
    respond(handler, 500, b'{"error":"the runner has \\u001b[31mcrashed"}')


def answers_a_page(handler: BaseHTTPRequestHandler, _: FaultyServer) -> None:
    respond(handler, 200, b"<html>It works!</html>", "text/html")


def answers_other_json(handler: BaseHTTPRequestHandler, _: FaultyServer) -> None:
    respond(handler, 200, b'["one", 2, null]')


def redirects(handler: BaseHTTPRequestHandler, _: FaultyServer) -> None:
    handler.send_response(307)
    handler.send_header("Location", "http://203.0.113.7/api/version")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def dies_mid_stream(handler: BaseHTTPRequestHandler, _: FaultyServer) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/x-ndjson")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    chunk = b'{"model":"rehearsal","message":{"role":"assistant","content":"You told me"},"done":false}\n'
    handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


def not_http(answer: bytes) -> tuple[socket.socket, str]:
    """Return a listener that greets everybody with `answer`, as a mail or SSH server does, and its address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(answer)
                    connection.recv(65536)

    threading.Thread(target=serve, daemon=True).start()
    return listener, f"127.0.0.1:{listener.getsockname()[1]}"


def hangs_behind_the_headers(handler: BaseHTTPRequestHandler, server: FaultyServer) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.flush()
    server.closed.wait(120)


def dribbles(handler: BaseHTTPRequestHandler, server: FaultyServer) -> None:
    """A byte now and then, each of them before anybody's patience between two is over."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for byte in b'{"status":"' + b"x" * 989:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        if server.closed.wait(0.05):
            return
