"""The first reading of mem0's extraction prompt: in pieces where it takes long, so that one hears how far it is.

A server says nothing while it reads. What it has read it keeps, also of a request that was taken back: of a prompt that
begins as the last one did it reads what is new (llama.cpp's prompt cache, seen on Ollama 0.24). So each piece tells how
far it is and costs one token of reply, and the first `add` finds all that it shares with them read.

A piece shorter than what the server keeps would make it forget the rest. So the whole comes first, then ever shorter
pieces, until one is answered at once: that much it has read already, and from there the pieces grow.
"""

from __future__ import annotations

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
            if not any(same_model(row.name, name) for row in self._server.loaded()):
                self._read(name, messages, 1)  # loads it: a request that is taken back would end the loading
            try:
                return self._read(name, messages, PIECES, within_s=FIRST_S)
            except TimeoutError:
                self._read_in_pieces(name, messages)
        return self._read(name, messages, PIECES)

    def _read_in_pieces(self, name: str, messages: Sequence[Message]) -> None:
        """Let the server read the beginning piece by piece, for as long as it keeps what it has read."""
        for number in range(PIECES - 1, 0, -1):
            with suppress(TimeoutError):
                self._read(name, messages, number, within_s=FIRST_S)
                break
        else:
            return  # it keeps nothing, or is too busy to tell: then pieces would only cost
        for following in range(number + 1, PIECES):
            self._read(name, messages, following)

    def _read(
        self, name: str, messages: Sequence[Message], number: int, *, within_s: float | None = None
    ) -> int | None:
        """Let the server read as many eighths of the first message, all of them for the whole prompt.

        Raises:
            TimeoutError: It was not done within so many seconds.
        """
        beginning, *rest = messages
        piece = messages
        if number < PIECES:
            share = beginning.content[: len(beginning.content) * number // PIECES]
            begun = (Message(role=message.role, content=message.content[:1]) for message in rest)
            piece = (Message(role=beginning.role, content=share), *begun)
        return self._server.count(name, piece, purpose="preflight", whole=messages, within_s=within_s)
