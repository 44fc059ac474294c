"""The first reading of mem0's extraction prompt: in pieces where it takes long, so that one hears how far it is.

A server says nothing while it reads. What it has read it keeps: of a prompt that begins as the last one did it reads
what is new (llama.cpp's prompt cache, seen on Ollama 0.24: 848 tokens in 19 s, then the first 1,718 in 10 s). So each
piece tells how far it is and costs one token of reply, and the first `add` finds all that it shares with them read.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.errors import EngineError
from showcase.evidence import Message
from showcase.models.context import same_model
from showcase.reminder import FIRST_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.scenes.prompts import LateServer

PIECES = 8
"""Of some 1,000 tokens each: a minute on a small machine that is busy."""

ANEW = 0.75
"""Of the time that all up to here would take at the first piece's pace. Who takes more reads each piece from the
beginning, because the server, or a model whose layers have a sliding window, keeps nothing: then pieces cost much."""


class FirstReading:
    """Counts a prompt as `LateServer` does.

    Args:
        server: Who reads.
    """

    def __init__(self, server: LateServer) -> None:
        self._server = server

    def count(self, name: str, messages: Sequence[Message]) -> int | None:
        """Return the prompt's own count, None where it does not fit; see `OllamaModels.count`."""
        with suppress(EngineError):  # what is in the way of a part is in the way of the whole, and said there
            self._read_ahead(name, messages)
        return self._server.count(name, messages, purpose="preflight")

    def _read_ahead(self, name: str, messages: Sequence[Message]) -> None:
        """Let the server read the beginning piece by piece, for as long as that tells something and costs little."""
        beginning, *rest = messages
        first_s = 0.0
        for number in range(1, PIECES):
            share = len(beginning.content) * number // PIECES
            piece = (
                Message(role=beginning.role, content=beginning.content[:share]),
                *(Message(role=message.role, content=message.content[:1]) for message in rest),
            )
            began = time.monotonic()
            tokens = self._server.count(name, piece, purpose="preflight", whole=messages)
            took_s = time.monotonic() - began
            first_s = first_s or took_s
            if tokens is None or first_s < FIRST_S or (number > 1 and took_s > ANEW * number * first_s):
                return
            if not self._fits(name, tokens * PIECES // number):
                return  # the server refuses the whole at once, without reading it

    def _fits(self, name: str, tokens: int) -> bool:
        row = next((row for row in self._server.loaded() if same_model(row.name, name)), None)
        return row is None or row.context_length is None or tokens < row.context_length
