"""What the layers of a model keep while it runs: keys and values of all tokens or of a window, or a fixed state.

By architecture, from the `model_info` of `/api/show`. Sources: `GraphSize` in `fs/ggml/ggml.go` and the caches in
`model/models/` of Ollama 0.24; `llama_hparams::n_embd_r` and `n_embd_s` in `src/llama-hparams.cpp` of llama.cpp.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Mapping

STATE_BYTES = 4
"""An element of a state is an f32, whatever the type of the cache."""

HYBRIDS = {"qwen3next": 4, "qwen35": 4, "qwen35moe": 4}
"""Of these architectures every so many-th layer has attention, where the model itself does not say."""

GLOBAL_EVERY = {"gemma3": 6, "gptoss": 2, "gpt-oss": 2}
"""Of these every so many-th layer sees the whole context, the others a window."""

MOST_LAYERS = 10_000
"""More than any model has: what claims more is not believed, for each is a number in memory."""

KEPT_TOKENS = {"gptoss": 4096, "gpt-oss": 4096, "gemma4": 4096}
"""A window of these keeps as much as this, to go back without reading again. Source: `NewSWAMemCache`."""

LATENT = "its attention is latent (MLA): kept compressed, as some servers do, it takes a fraction"
COMPRESSED = "its attention is latent (MLA): some servers keep no values beside the compressed keys"
WINDOW = "it has a sliding window, and the server does not say in which layers"
PARALLEL = "each layer is counted with attention and with a state, and it may have one of them"
UNEQUAL = "its layers differ in heads, and the server does not say how long one is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the layers keep.

    Attributes:
        kv_heads: Key/value heads of each layer; 0 where it keeps no tokens.
        key_length: Elements of one head's key.
        value_length: Elements of one head's value.
        windowed: For each layer, whether it keeps only the last `window` tokens.
        window: Tokens that a windowed layer keeps, None where there is none.
        state_bytes: What all layers keep whatever the context.
        bound: Why it may be less, empty where it is what there will be.
    """

    kv_heads: tuple[int, ...]
    key_length: int
    value_length: int
    windowed: tuple[bool, ...]
    window: int | None
    state_bytes: int
    bound: str


def of_model_info(info: Mapping[str, Any]) -> Shape | None:
    """Return what the layers keep, None where the server does not say enough to tell."""
    reader = _Reader(info)
    layers = reader.whole("block_count")
    if not layers or layers > MOST_LAYERS:
        return None
    if info.get(f"{reader.architecture}.attention.causal") is False:  # it embeds, and keeps nothing
        return _shape((0,) * layers, 0, 0)
    state, bounds = reader.state_elements(), []
    heads, kv_heads = reader.per_layer("attention.head_count", layers), reader.kv_heads(layers)
    attends = reader.attending(heads, kv_heads)
    if heads is None or kv_heads is None or not (any(attends) or state):
        return None
    counts = {count for count, attending in zip(heads, attends, strict=True) if attending}
    length = reader.lengths(counts)
    if length is None:
        return None
    others = attends.count(False)
    if state and not others:
        others = layers
        bounds.append(PARALLEL)
    if len(counts) > 1 and not reader.whole("attention.key_length"):
        bounds.append(UNEQUAL)
    kv_heads = tuple(count if attending else 0 for count, attending in zip(kv_heads, attends, strict=True))
    if rank := reader.whole("attention.kv_lora_rank"):
        compressed = reader.whole("attention.key_length_mla") is not None
        bounds.append(COMPRESSED if compressed else LATENT)
        if compressed:  # one row for all heads: the latent and what is rotated beside it
            kv_heads = tuple(min(count, 1) for count in kv_heads)
            length = rank + (reader.whole("rope.dimension_count") or 0), rank
    windowed, window = reader.windows(layers)
    if window and not any(windowed):
        bounds.append(WINDOW)
    return _shape(
        kv_heads, *length, windowed=windowed, window=window, state=others * state * STATE_BYTES, bound="; ".join(bounds)
    )


def _shape(
    kv_heads: tuple[int, ...],
    key_length: int,
    value_length: int,
    *,
    windowed: tuple[bool, ...] = (),
    window: int | None = None,
    state: int = 0,
    bound: str = "",
) -> Shape:
    return Shape(
        kv_heads=kv_heads,
        key_length=key_length,
        value_length=value_length,
        windowed=windowed or (False,) * len(kv_heads),
        window=window,
        state_bytes=state,
        bound=bound,
    )


class _Reader:
    """Reads the fields of one architecture; a field of another type is none."""

    def __init__(self, info: Mapping[str, Any]) -> None:
        self._info = info
        self.architecture = str(info.get("general.architecture"))

    def whole(self, field: str) -> int | None:
        value = self._info.get(f"{self.architecture}.{field}")
        return value if _is_count(value) else None

    def per_layer(self, field: str, layers: int) -> tuple[int, ...] | None:
        """Return a number for each layer: one that holds for all, or a list."""
        value = self._info.get(f"{self.architecture}.{field}")
        if _is_count(value):
            return (value,) * layers
        counts = tuple(each for each in value if _is_count(each)) if isinstance(value, list) else ()
        return counts if isinstance(value, list) and len(counts) == len(value) == layers else None

    def kv_heads(self, layers: int) -> tuple[int, ...] | None:
        field = "attention.head_count_kv"
        return self.per_layer(field if f"{self.architecture}.{field}" in self._info else "attention.head_count", layers)

    def attending(self, heads: tuple[int, ...] | None, kv_heads: tuple[int, ...] | None) -> list[bool]:
        """Return for each layer whether it has attention: it has heads of both kinds, and its turn has come."""
        found = [bool(own and shared) for own, shared in zip(heads or (), kv_heads or (), strict=False)]
        interval = self.whole("full_attention_interval") or HYBRIDS.get(self.architecture)
        if interval and all(found):
            return [(layer + 1) % interval == 0 for layer in range(len(found))]
        return found

    def lengths(self, heads: set[int]) -> tuple[int, int] | None:
        """Return the elements of a key and of a value. Where they are not told, the fewest heads are the longest."""
        if not heads:
            return 0, 0
        length = (self.whole("embedding_length") or 0) // min(heads)
        key, value = self.whole("attention.key_length") or length, self.whole("attention.value_length") or length
        return (key, value) if key and value else None

    def state_elements(self) -> int:
        """Return the elements of the state that a layer without attention keeps."""
        width = self.whole("embedding_length") or 0
        if head := self.whole("wkv.head_size"):
            return width * ((self.whole("token_shift_count") or 2) + head)
        if kept := self.whole("shortconv.l_cache"):
            return width * (kept - 1)
        inner, state = self.whole("ssm.inner_size") or 0, self.whole("ssm.state_size") or 0
        convolved = inner + 2 * (self.whole("ssm.group_count") or 0) * state
        return max((self.whole("ssm.conv_kernel") or 0) - 1, 0) * convolved + state * inner

    def windows(self, layers: int) -> tuple[tuple[bool, ...], int | None]:
        """Return which layers have a window, and the tokens that one keeps."""
        window = self.whole("attention.sliding_window")
        if not window:
            return (False,) * layers, None
        pattern = self._info.get(f"{self.architecture}.attention.sliding_window_pattern")
        every = GLOBAL_EVERY.get(self.architecture, 0)
        kept = max(window, KEPT_TOKENS.get(self.architecture, 0))
        if isinstance(pattern, list) and len(pattern) == layers:
            return tuple(bool(layer) for layer in pattern), kept
        every = pattern if _is_count(pattern) and pattern else every
        return tuple(bool(every) and (layer + 1) % every != 0 for layer in range(layers)), kept


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
