"""A library that would let the server download a model does not get to say so."""

from __future__ import annotations

import http.server
import json
import threading
from typing import TYPE_CHECKING

import pytest

from showcase.errors import ModelError
from showcase.evidence import Endpoint
from showcase.memory.mem0_store import configuration, import_mem0, open_memory
from showcase.memory.vendor_errors import in_words

if TYPE_CHECKING:
    from pathlib import Path


class Without(http.server.BaseHTTPRequestHandler):
    """A server that lists no model, and notes what it is asked to do."""

    asked: list[str] = []  # noqa: RUF012 - one list for all requests is meant

    def do_GET(self) -> None:
        self.answer({"models": []})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.asked.append(self.path)
        self.answer({"status": "success"})

    def answer(self, document: dict[str, object]) -> None:
        data = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def test_stock_mem0_pulls_nothing(tmp_path: Path) -> None:
    import_mem0()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Without)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = Endpoint(address="127.0.0.1", port=server.server_port)
    config = configuration(
        store=tmp_path / "c", home=tmp_path, endpoint=endpoint, chat_model="x", embed_model="gone", dimensions=3
    )
    try:
        with (
            pytest.raises(ModelError, match="nothing is downloaded"),
            in_words(store=tmp_path / "c", home=tmp_path, url=f"http://{endpoint}", model="gone"),
        ):
            open_memory(config, limit_s=10)
    finally:
        server.shutdown()
        server.server_close()
    assert "/api/pull" not in Without.asked
