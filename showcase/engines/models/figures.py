"""What of a model decides how much memory it takes, and where each figure comes from.

Asked from the server where the model is there, else taken from the table below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.engines.models import shapes
from showcase.errors import ModelError
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.engines.models.gguf.model import GgufModel


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
        state_bytes: What layers without attention keep, whatever the context.
        bound: Why the cache may be smaller than these figures make it, empty where it will not be.
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
    state_bytes: int = 0
    bound: str = ""


def from_model_info(
    info: Mapping[str, Any], *, name: str, weights_bytes: int, weights_source: str = "/api/tags"
) -> Figures:
    """Return the figures in the `model_info` of `/api/show`.

    Where the layers may keep less than what is told of them amounts to, `bound` says why.

    Raises:
        ModelError: A needed field is missing or has another type.
    """
    found = shapes.of_model_info(info)
    if found is None:
        raise ModelError(
            f"the server does not say how the model {name} is built: its memory cannot be computed",
            hint=f"look at it: ollama show {quoted(name)} --verbose",
        )
    limit = info.get(f"{info.get('general.architecture')}.context_length")
    return _of_shape(
        found,
        weights_bytes=weights_bytes,
        context_limit=limit if isinstance(limit, int) and not isinstance(limit, bool) and limit > 0 else None,
        weights_source=weights_source,
        shape_source="/api/show",
    )


def from_file(model: GgufModel, *, name: str) -> Figures:
    """Return the figures that a GGUF file has of its model.

    Raises:
        ModelError: The file does not say how its layers are built.
    """
    if model.shape is None:
        raise ModelError(
            f"the file of {name} does not say how the model is built: its memory cannot be computed",
            hint="take another model: showcase models list",
        )
    return _of_shape(
        model.shape,
        weights_bytes=model.file_bytes,
        context_limit=model.context_length or None,
        weights_source="the file",
        shape_source="the file",
    )


def _of_shape(
    found: shapes.Shape, *, weights_bytes: int, context_limit: int | None, weights_source: str, shape_source: str
) -> Figures:
    return Figures(
        weights_bytes=weights_bytes,
        kv_heads=found.kv_heads,
        key_length=found.key_length,
        value_length=found.value_length,
        windowed=found.windowed,
        window=found.window,
        state_bytes=found.state_bytes,
        bound=found.bound,
        context_limit=context_limit,
        weights_source=weights_source,
        shape_source=shape_source,
    )


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
        windowed=tuple((layer + 1) % shapes.GLOBAL_EVERY["gemma3"] != 0 for layer in range(_GEMMA3_LAYERS)),
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
