"""Measures the engine as a client sees it: spawn to ready, sentences and replies a second over HTTP."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.engines.rehearsal import CHAT_MODEL, EMBED_MODEL
from showcase.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHATS = 200
_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured.

    Attributes:
        ready_seconds: From spawn to the line that announces readiness, one for each start.
        sentences_per_second: Short sentences embedded, over one connection.
        chats_per_second: Short replies, not streamed, over one connection.
    """

    ready_seconds: tuple[float, ...]
    sentences_per_second: float
    chats_per_second: float


def run(*, starts: int, sentences: int, batch: int) -> Figures:
    """Starts engines one after the other; the last one is asked.

    Args:
        starts: Engines to start, at least 1.
        sentences: Sentences to embed.
        batch: Sentences a request.

    Raises:
        EngineError: An engine does not start or refuses a request.
    """
    ready = []
    for _ in range(starts - 1):
        with _started() as (_, seconds):
            ready.append(seconds)
    with _started() as (port, seconds):
        ready.append(seconds)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
        try:
            _ask(connection, "/api/embed", {"model": EMBED_MODEL, "input": "warm"})
            embedded = _embed(connection, sentences, batch)
            chatted = _chat(connection)
        finally:
            connection.close()
    return Figures(ready_seconds=tuple(ready), sentences_per_second=embedded, chats_per_second=chatted)


def _embed(connection: http.client.HTTPConnection, sentences: int, batch: int) -> float:
    texts = [f"On day {number} I walked to the market and bought apples." for number in range(sentences)]
    begun = time.perf_counter()
    for start in range(0, len(texts), batch):
        _ask(connection, "/api/embed", {"model": EMBED_MODEL, "input": texts[start : start + batch]})
    return len(texts) / (time.perf_counter() - begun)


def _chat(connection: http.client.HTTPConnection) -> float:
    messages = [
        {"role": "system", "content": "What you know about the user:\n- I keep two goats.\n- I was born in Ghent."},
        {"role": "user", "content": "Which animals do I keep?"},
    ]
    begun = time.perf_counter()
    for _ in range(_CHATS):
        _ask(connection, "/api/chat", {"model": CHAT_MODEL, "messages": messages, "stream": False})
    return _CHATS / (time.perf_counter() - begun)


def _ask(connection: http.client.HTTPConnection, path: str, body: dict[str, Any]) -> None:
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    text = response.read()
    if response.status != http.client.OK:
        raise EngineError(f"the engine answered {response.status} to {path}: {text.decode(errors='replace')}")


@contextmanager
def _started() -> Iterator[tuple[int, float]]:
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "showcase.engines.rehearsal"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101 - given by the PIPE above
        line = process.stdout.readline()
        seconds = time.perf_counter() - begun
        if not line:
            raise EngineError("the engine ended before it was ready", hint="its own message stands above")
        # Leaving the block closes stdin, which ends the engine.
        yield json.loads(line)["port"], seconds
