"""An engine of Ollama's protocol that only embeds, with as many dimensions as a lab wants.

Each word falls on one of the dimensions, by its checksum: texts that share words are near each other, and nothing else
is. A program that takes the dimension of its model from the model works with it; one that has it typed in does not.
"""

from __future__ import annotations

import json
import re
import zlib
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import sqrt
from threading import Thread
from typing import TYPE_CHECKING

from showcase.evidence import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MADE = "2026-01-01T00:00:00Z"
_MOST_BYTES = 1024 * 1024


@contextmanager
def serve(models: Mapping[str, int]) -> Iterator[Endpoint]:
    """Serve models, each with so many dimensions, on a free port of 127.0.0.1; yield where.

    Args:
        models: Their dimensions by their names, with a tag.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(models))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Endpoint(address="127.0.0.1", port=server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def embed(text: str, dimensions: int) -> list[float]:
    """Return the unit vector of a text; of one without words the first axis, since zero has no direction."""
    counts = [0.0] * dimensions
    for word in re.findall(r"\w+", text.casefold()):
        counts[zlib.crc32(word.encode()) % dimensions] += 1
    length = sqrt(sum(count * count for count in counts))
    return [count / length for count in counts] if length else [1.0, *counts[1:]]


def _handler(models: Mapping[str, int]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listed: dict[str, object] = {"models": [_listed(name) for name in models]}
            self._answer(listed if self.path == "/api/tags" else None)

        def do_POST(self) -> None:
            size = min(int(self.headers.get("Content-Length") or 0), _MOST_BYTES)
            try:
                asked = json.loads(self.rfile.read(size))
                name = str(asked.get("model") or asked.get("name"))
            except (ValueError, AttributeError):
                self._answer(None)
                return
            dimensions = models.get(name if ":" in name else f"{name}:latest")
            self._answer(None if dimensions is None else _said(self.path, asked, dimensions))

        def _answer(self, said: dict[str, object] | None) -> None:
            body = json.dumps({"error": "not found"} if said is None else said).encode()
            self.send_response(404 if said is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing: what is asked is a participant's."""

    return Handler


def _listed(name: str) -> dict[str, object]:
    return {"name": name, "model": name, "modified_at": _MADE, "size": 1, "digest": f"{zlib.crc32(name.encode()):064x}"}


def _said(path: str, asked: dict[str, object], dimensions: int) -> dict[str, object] | None:
    if path == "/api/show":
        facts = {"general.architecture": "words", "words.embedding_length": dimensions}
        return {"details": {"family": "words"}, "model_info": facts, "capabilities": ["embedding"]}
    if path == "/api/embed":
        given = asked.get("input")
        texts = given if isinstance(given, list) else [given]
        return {"model": asked.get("model"), "embeddings": [embed(str(text), dimensions) for text in texts]}
    if path == "/api/embeddings":
        return {"embedding": embed(str(asked.get("prompt")), dimensions)}
    return None
