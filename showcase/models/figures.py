"""What of a model decides how much memory it takes, and where each figure comes from.

Asked from the server where the model is there, else taken from the table below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.advice import quoted
from showcase.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

GEMMA3_GLOBAL_EVERY = 6
"""Every sixth layer of gemma3 sees the whole context. Source: `gemmaGlobalCacheCount`, Ollama 0.24."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The memory-relevant shape of a model.

    Attributes:
        weights_bytes: Size of the model file.
        kv_heads: Key/value heads of each layer; 0 where a layer keeps no cache.
        key_length: Elements of one head's key.
        value_length: Elements of one head's value.
        windowed: For each layer, whether it keeps only the last `window` tokens.
        window: Tokens that a windowed layer keeps, None where there is none.
        context_limit: Tokens the model was made for; the server lowers `num_ctx` to it in silence.
        weights_source: Where `weights_bytes` comes from.
        shape_source: Where all the others come from.
    """

    weights_bytes: int
    kv_heads: tuple[int, ...]
    key_length: int
    value_length: int
    windowed: tuple[bool, ...]
    window: int | None
    context_limit: int | None
    weights_source: str
    shape_source: str


def from_model_info(
    info: Mapping[str, Any], *, name: str, weights_bytes: int, weights_source: str = "/api/tags"
) -> Figures:
    """Return the figures in the `model_info` of `/api/show`.

    Where a field is absent, the rule of Ollama's own reader applies (`fs/ggml/ggml.go`, 0.24): lengths are
    `embedding_length / head_count`. Sliding windows are counted where the model says which layers have one,
    and for gemma3; elsewhere every layer is counted with the whole context, which is an upper bound.

    Raises:
        ModelError: A needed field is missing or has another type.
    """
    architecture = info.get("general.architecture")

    def whole(field: str) -> int | None:
        value = info.get(f"{architecture}.{field}")
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    layers, heads, width = whole("block_count"), whole("attention.head_count"), whole("embedding_length")
    kv_heads = info.get(f"{architecture}.attention.head_count_kv", heads)
    if isinstance(kv_heads, int) and layers:
        kv_heads = [kv_heads] * layers
    length = width // heads if width and heads else None
    key_length = whole("attention.key_length") or length
    value_length = whole("attention.value_length") or length
    if not layers or not key_length or not value_length or not _counts(kv_heads, layers):
        raise ModelError(
            f"the server does not say how the model {name} is built: its memory cannot be computed",
            hint=f"look at it: ollama show {quoted(name)} --verbose",
        )
    window = whole("attention.sliding_window")
    return Figures(
        weights_bytes=weights_bytes,
        kv_heads=tuple(kv_heads),
        key_length=key_length,
        value_length=value_length,
        windowed=_windowed(info, str(architecture), layers) if window else (False,) * layers,
        window=window,
        context_limit=whole("context_length"),
        weights_source=weights_source,
        shape_source="/api/show",
    )


def _counts(kv_heads: object, layers: int) -> bool:
    return (
        isinstance(kv_heads, list)
        and len(kv_heads) == layers
        and all(isinstance(count, int) and count >= 0 for count in kv_heads)
    )


def _windowed(info: Mapping[str, Any], architecture: str, layers: int) -> tuple[bool, ...]:
    pattern = info.get(f"{architecture}.attention.sliding_window_pattern")
    if isinstance(pattern, list) and len(pattern) == layers:
        return tuple(bool(layer) for layer in pattern)
    if architecture == "gemma3":
        return tuple((layer + 1) % GEMMA3_GLOBAL_EVERY != 0 for layer in range(layers))
    return (False,) * layers


def _row(
    weights_bytes: int, *, layers: int, kv_heads: int, length: int, limit: int, made_by: str, digest: str
) -> Figures:
    return Figures(
        weights_bytes=weights_bytes,
        kv_heads=(kv_heads,) * layers,
        key_length=length,
        value_length=length,
        windowed=(False,) * layers,
        window=None,
        context_limit=limit,
        weights_source=f"table: /api/tags of the library's manifest {digest}",
        shape_source=f"table: {made_by}",
    )


_GEMMA3_LAYERS = 34

TABLE: dict[str, Figures] = {
    "qwen3:4b-instruct": _row(
        2_497_293_803, layers=36, kv_heads=8, length=128, limit=262_144, digest="0edcdef34593",
        made_by="GGUF metadata of Qwen3-4B-Instruct-2507",
    ),
    "gemma3:4b": Figures(
        weights_bytes=3_338_801_804,
        kv_heads=(4,) * _GEMMA3_LAYERS,
        key_length=256,
        value_length=256,
        windowed=_windowed({}, "gemma3", _GEMMA3_LAYERS),
        window=1024,
        context_limit=131_072,
        weights_source="table: /api/tags of the library's manifest a2af6cc3eb7f",
        shape_source="table: text part of the configuration of google/gemma-3-4b-it",
    ),
    "qwen2.5:1.5b": _row(
        986_061_892, layers=28, kv_heads=2, length=128, limit=32_768, digest="65ec06548149",
        made_by="configuration of Qwen/Qwen2.5-1.5B-Instruct",
    ),
    "llama3.2:1b": _row(
        1_321_098_329, layers=16, kv_heads=8, length=64, limit=131_072, digest="baf6a787fdff",
        made_by="configuration of meta-llama/Llama-3.2-1B-Instruct",
    ),
}  # fmt: skip
"""By the name in the Ollama library. Sizes and digests are what `/api/tags` says after a pull."""
