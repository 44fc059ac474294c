"""The first reading of mem0's extraction prompt: in pieces where it takes long, so that one hears how far it is.

A server says nothing while it reads. What it has read it keeps: of a prompt that begins as the last one did it reads
what is new (llama.cpp's prompt cache, seen on Ollama 0.24: 848 tokens in 19 s, then the first 1,718 in 10 s). So each
piece tells how far it is and costs one token of reply, and the first `add` finds all that it shares with them read.

A piece shorter than what the server keeps makes it forget the rest. So pieces are for a model that is not in memory,
which keeps nothing yet. Nor can a request be taken back to see whether it is quick: the server was seen to read on to
the end after its client had left, and everybody else waited for that.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.engines.model_names import same
from showcase.errors import EngineError
from showcase.evidence import Message
from showcase.progress.reminder import FIRST_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.evidence import LoadedModel
    from showcase.scenes.prompts import LateServer

PIECES = 8
"""Of some 1,000 tokens each: a minute on a small machine that is busy."""

A_LITTLE = 40
"""Characters by which the first piece is sent again, longer: some ten tokens, which take no time where the server kept
the rest."""

ANEW = 0.5
"""Of the first piece's time. Where the first piece and a little takes more, the server read it anew: it keeps nothing,
or cannot go on from it, as with some models whose layers have a sliding window. Then pieces would cost too much."""


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
            if self._row(name) is None:
                self._read_ahead(name, messages)
        return self._server.count(name, messages, purpose="preflight")

    def _read_ahead(self, name: str, messages: Sequence[Message]) -> None:
        """Let the server read the beginning piece by piece, for as long as that tells something and costs little."""
        share = len(messages[0].content) // PIECES
        tokens, first_s = self._read(name, messages, share)
        if tokens is None or first_s < FIRST_S or not self._fits(name, tokens * PIECES):
            return  # it is quick, or the server refuses the whole at once, without reading it
        _, again_s = self._read(name, messages, share + A_LITTLE)
        if again_s > ANEW * first_s:
            return
        for number in range(2, PIECES):
            tokens, _ = self._read(name, messages, number * share)
            if tokens is None or not self._fits(name, tokens * PIECES // number):
                return

    def _read(self, name: str, messages: Sequence[Message], characters: int) -> tuple[int | None, float]:
        """Let the server read as much of the first message; return how many tokens that are, and the seconds taken.

        By its own figures, which leave out the loading of the model, where it gives some.
        """
        beginning, *rest = messages
        piece = (
            Message(role=beginning.role, content=beginning.content[:characters]),
            *(Message(role=message.role, content=message.content[:1]) for message in rest),
        )
        began = time.monotonic()
        tokens = self._server.count(name, piece, purpose="preflight", whole=messages)
        read_s = self._server.read_s
        return tokens, time.monotonic() - began if read_s is None else read_s

    def _row(self, name: str) -> LoadedModel | None:
        return next((row for row in self._server.loaded() if same(row.name, name)), None)

    def _fits(self, name: str, tokens: int) -> bool:
        row = self._row(name)
        return row is None or row.context_length is None or tokens < row.context_length
