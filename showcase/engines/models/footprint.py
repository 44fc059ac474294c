"""How much memory a model takes at a context length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.engines.models.sizes import GIB

if TYPE_CHECKING:
    from showcase.engines.models.figures import Figures

F16_BYTES = 2
"""The cache's element type where `OLLAMA_KV_CACHE_TYPE` is not set."""

BATCH_TOKENS = 512
"""A windowed layer keeps one batch beside its window. Source: `GraphSize` and `num_batch`, Ollama 0.24."""

COMPUTE_BYTES = GIB // 2
"""Scratch memory of a generation: the lower end of a rule of thumb, 0.5 to 1 GiB. 77 MB were reported for a
4B model at 4096 tokens on a GPU with flash attention. See `SPARE_BYTES`."""

SPARE_BYTES = GIB - COMPUTE_BYTES
"""Where less than this is left over, the upper end of the rule would not fit: the rung is called tight."""

EMBEDDER_BYTES = 3 * GIB // 10
"""The embedding model, loaded beside the chat model: nomic-embed-text's file has 274 MB."""

EXTRACTION_NUM_CTX = 12_288
"""Smallest context in which mem0 2.2 extracts memories: its prompt has 7.7k to 8.6k tokens (cl100k), and its
reply may take 2000 more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What a model needs in memory, by part."""

    num_ctx: int
    weights_bytes: int
    kv_cache_bytes: int
    compute_bytes: int = COMPUTE_BYTES
    embedder_bytes: int = EMBEDDER_BYTES

    @property
    def total_bytes(self) -> int:
        """The sum of all parts."""
        return self.weights_bytes + self.kv_cache_bytes + self.compute_bytes + self.embedder_bytes


def kv_cache_bytes(figures: Figures, num_ctx: int) -> int:
    """Return the bytes of the key/value cache at `num_ctx` tokens.

    A layer takes tokens x heads x (key length + value length) x 2 bytes. Its tokens are `num_ctx`, in a
    windowed layer at most the window and one batch. A layer without attention keeps a state of fixed size.
    """
    per_head = (figures.key_length + figures.value_length) * F16_BYTES
    window = min(num_ctx, (figures.window or 0) + BATCH_TOKENS)
    return figures.state_bytes + sum(
        (window if windowed else num_ctx) * heads * per_head
        for heads, windowed in zip(figures.kv_heads, figures.windowed, strict=True)
    )


def footprint(figures: Figures, num_ctx: int) -> Footprint:
    """Return what the model needs at `num_ctx` tokens, or at its own limit where that is lower."""
    in_force = min(num_ctx, figures.context_limit or num_ctx)
    return Footprint(
        num_ctx=in_force,
        weights_bytes=figures.weights_bytes,
        kv_cache_bytes=kv_cache_bytes(figures, in_force),
    )
