"""The models there are: those of the backend, and what a client makes of them.

In memory; nothing is written to disk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from showcase.engines.model_names import ModelName
from showcase.engines.protocol.wire import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What a model is made of, as the block `details` says it."""

    form: str
    family: str
    parameter_size: str
    quantization: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One entry of the catalog.

    Attributes:
        name: Its name.
        kind: "chat" or "embed".
        base: Digest of what it rests on: the weights, or the source of what speaks in their place.
        size: Bytes of that.
        build: What it is made of.
        context_length: Its own limit, tokens.
        weights: Which weights those are, to the backend.
        digest_is_base: Whether the digest of the model is `base` as long as nothing was made of it.
        modified: Nanoseconds since the epoch.
        parent: Name of the model it was made from, empty for those of the backend.
        parameters: Options in force when a request does not say otherwise.
        system: System prompt when a chat brings none.
        template: Template as `/api/show` has it.
        license: Licence text; empty where there is none to show.
        messages: Messages put before every chat.
    """

    name: ModelName
    kind: str
    base: str
    size: int
    build: Build
    context_length: int
    modified: int
    weights: str = ""
    digest_is_base: bool = False
    parent: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    system: str = ""
    template: str = ""
    license: str = ""
    messages: tuple[Mapping[str, Any], ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 over everything that makes the model what it is."""
        if self.digest_is_base and not self.parent:
            return self.base
        parts = [self.base, dict(self.parameters), self.system, self.template, self.license, list(self.messages)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def details(self, *, parent: str = "") -> dict[str, Any]:
        """The block `details`: lists name no parent, `/api/show` does."""
        return {
            "parent_model": parent,
            "format": self.build.form,
            "family": self.build.family,
            "families": [self.build.family],
            "parameter_size": self.build.parameter_size,
            "quantization_level": self.build.quantization,
        }


class Catalog:
    """Models by name, newest first."""

    def __init__(self, models: Iterable[Model]) -> None:
        self._models = {model.name.key: model for model in models}

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
