"""A real HTTP server on loopback in front of a real engine, which has no memory for some models."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from showcase.evidence import Endpoint

if TYPE_CHECKING:
    from collections.abc import Collection

REFUSAL = "model requires more system memory (5.4 GiB) than is available (1.1 GiB)"
"""The words of Ollama 0.24."""


class StingyServer:
    """Serves until it is closed. `too_large` are the models, with tag, that it has no memory for."""

    def __init__(self, engine: Endpoint) -> None:
        self.too_large: Collection[str] = ()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked = json.loads(body or b"{}")
                if self.path == "/api/chat" and asked.get("model") in outer.too_large:
                    self.answer(500, json.dumps({"error": REFUSAL}).encode(), "application/json")
                    return
                with contextlib.closing(http.client.HTTPConnection(engine.address, engine.port, timeout=60)) as inner:
                    inner.request(self.command, self.path, body, {"Content-Type": "application/json"})
                    said = inner.getresponse()
                    self.answer(said.status, said.read(), said.headers.get("Content-Type", "application/json"))

            do_POST = do_GET  # noqa: N815 - the base class's name

            def answer(self, status: int, data: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.endpoint = Endpoint(address="127.0.0.1", port=int(self._server.server_address[1]))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
