"""What stands behind the protocol here: static vectors, and a chat model that quotes."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from showcase.engines.protocol.fitting import TOO_LONG
from showcase.engines.protocol.interface import Layout, Vectors
from showcase.engines.protocol.wire import ApiError
from showcase.engines.rehearsal import shipped
from showcase.engines.rehearsal.embeddings import Embedder
from showcase.engines.rehearsal.generation import complete
from showcase.engines.rehearsal.multilingual import MultilingualEmbedder, files
from showcase.engines.rehearsal.prompt import lay_out

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from showcase.engines.protocol.catalog import Model
    from showcase.engines.protocol.interface import Message, Prompt
    from showcase.engines.protocol.options import Options
    from showcase.engines.rehearsal.generation import Reply
    from showcase.engines.rehearsal.interface import Embeddings

VERSION = "0.24.0-rehearsal"
"""The protocol that is spoken, as a semantic version whose pre-release part says by what.

Clients that compare versions read the number; whoever shows it shows what it is.
"""


class Rehearsal:
    """A `Backend` that holds no language model.

    Args:
        pace: Tokens a second at which replies are streamed; None streams as fast as it can.

    Attributes:
        embedder: English vectors, and the tokens of every prompt and reply.
    """

    called = "the rehearsal engine"
    version = VERSION
    counts_exactly = False
    takes_templates = True

    def __init__(self, *, pace: float | None = None) -> None:
        self.embedder = Embedder()
        self._pace = pace
        self._multilingual: MultilingualEmbedder | None = None

    @property
    def multilingual(self) -> Embeddings | None:
        """Vectors of other languages, loaded when they are first wanted; None where they are not installed."""
        if self._multilingual is None and files():
            self._multilingual = MultilingualEmbedder()
        return self._multilingual

    def vectors_of(self, model: Model) -> Embeddings:
        """The vectors that a model makes; a chat model compares by the English ones unless it has others."""
        return (self.multilingual or self.embedder) if model.weights == shipped.MULTILINGUAL else self.embedder

    def shipped(self) -> Sequence[Model]:
        """See `Backend`."""
        return shipped.models()

    def preloaded(self) -> Sequence[tuple[Model, int]]:
        """None counts as loaded before it was asked for."""
        return ()

    def information(self, model: Model) -> dict[str, Any]:
        """See `Backend`."""
        return shipped.information(model, self.vectors_of(model).vocabulary_size)

    def tensors(self, model: Model) -> list[dict[str, Any]]:
        """See `Backend`."""
        return shipped.tensors(model, self.vectors_of(model).vocabulary_size)

    def most_of_a_prompt(self, model: Model, num_ctx: int) -> int:
        """See `Backend`."""
        del model
        return num_ctx

    def memory_bytes(self, model: Model, num_ctx: int) -> int:
        """See `Backend`: its weights, whatever the context."""
        del num_ctx
        return model.size

    async def load(self, model: Model, *, num_ctx: int) -> None:
        """Loading costs nothing here."""

    async def unload(self, model: Model) -> None:
        """Nor does this free anything."""

    async def lay_out(self, model: Model, messages: Sequence[Message], options: Options, *, truncate: bool) -> Layout:
        """See `Backend`."""
        del model
        return lay_out(messages, options, self.embedder, truncate=truncate)

    async def lay_out_raw(self, model: Model, text: str) -> Layout:
        """See `Backend`."""
        del model
        tokens = self.embedder.pieces(text)
        return Layout(text=text, tokens=tokens, whole=len(tokens))

    async def complete(self, model: Model, prompt: Prompt, options: Options, *, form: object, shift: bool) -> Paced:
        """See `Backend`."""
        del model
        begun = time.perf_counter_ns()
        made = complete(prompt, options, self.embedder, others=lambda: self.multilingual, form=form, shift=shift)
        return Paced(made, pace=self._pace, read_ns=time.perf_counter_ns() - begun)

    async def numbers(self, model: Model, text: str) -> Sequence[int]:
        """See `Backend`."""
        del model
        return self.embedder.ids(text)

    async def embed(self, model: Model, texts: Sequence[str], *, limit: int, truncate: bool) -> Vectors:
        """See `Backend`."""
        vectors = self.vectors_of(model)
        counts = vectors.count(texts)
        if max(counts) > limit and not truncate:
            raise ApiError(400, TOO_LONG)
        return Vectors(vectors=vectors.embed(texts), tokens=[min(count, limit) for count in counts])


class Paced:
    """A reply at the pace asked for; see `Completion`."""

    def __init__(self, reply: Reply, *, pace: float | None, read_ns: int) -> None:
        self._reply = reply
        self._pace = pace
        self.count = reply.count
        self.reason = reply.reason
        self.read_ns = read_ns

    async def pieces(self) -> AsyncIterator[str]:
        """Yield the pieces. Each is due at a time counted from the first, so that a slow client slows nobody."""
        start = time.monotonic()
        for index, piece in enumerate(self._reply.pieces):
            if self._pace is not None:
                await asyncio.sleep(max(0.0, start + index / self._pace - time.monotonic()))
            yield piece

    async def close(self) -> None:
        """See `Completion`; it was there from the beginning."""
