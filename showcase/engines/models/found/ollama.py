"""Ollama's own store, read without its server: a manifest for each name, and what it names in `blobs`.

Sources: `manifest/` and `types/model/name.go` of Ollama 0.24 for the paths and layers; a store that it wrote.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.documents import reading, strict_json
from showcase.engines import model_names
from showcase.engines.models.found.folders import is_directory
from showcase.engines.models.found.interface import Beside, Candidate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.engines.models.found.interface import Surroundings

MANIFESTS, BLOBS = "manifests", "blobs"

SERVICE_MODELS = Path("/usr/share/ollama/.ollama/models")
"""Where the models of the service lie that Ollama's installer for Linux sets up."""

_MOST_BYTES = 2**22
_MOST_SHOWN = 80
_LEVELS = 4  # host, namespace, model, tag
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_LAYER = "application/vnd.ollama.image."


class OllamaStore:
    """Args: surroundings: Where to look; root: a store that was named, instead."""

    name = "Ollama"

    def __init__(self, surroundings: Surroundings | None = None, *, root: Path | None = None) -> None:
        self._surroundings = surroundings
        self._root = root

    def roots(self) -> tuple[Path, ...]:
        """Return all that there may be, where a server takes the first: the named, the user's, the service's."""
        if self._root is not None:
            return (self._root,)
        here = self._surroundings
        if here is None:
            return ()
        named = here.named("OLLAMA_MODELS")
        service = (SERVICE_MODELS,) if here.system == "linux" else ()
        return tuple(
            dict.fromkeys([*(() if named is None else (named,)), *here.at_home(".ollama", "models"), *service])
        )

    def candidates(self, root: Path) -> Iterator[Candidate]:
        """Yield a model for each manifest: what lies in `blobs` without one is no model of Ollama."""
        yield from self._below(root, root / MANIFESTS, ())

    def _below(self, root: Path, directory: Path, parts: tuple[str, ...]) -> Iterator[Candidate]:
        try:
            entries = sorted(os.listdir(directory))  # noqa: PTH208 - names are all that is needed
        except OSError as error:
            yield Candidate(
                name="/".join(parts) or root.name,
                place=self.name,
                path=directory,
                problem=f"it cannot be looked at: {error.strerror or error}",
            )
            return
        for entry in entries:
            path = directory / entry
            if entry.startswith("."):  # what desktops leave everywhere
                continue
            if len(parts) + 1 == _LEVELS:
                yield self._model(root, path, (*parts, entry))
            elif is_directory(path):
                yield from self._below(root, path, (*parts, entry))

    def _model(self, root: Path, manifest: Path, parts: tuple[str, ...]) -> Candidate:
        host, namespace, model, tag = parts
        called = model_names.ModelName(host=host, namespace=namespace, model=model, tag=tag)
        try:
            document = strict_json.parse(reading.read(manifest, limit=_MOST_BYTES, files_only=True))
            return self._described(root, called.short, document)
        except (reading.UnreadableError, ValueError, KeyError, TypeError, AttributeError) as error:
            why = f"it names no {error}" if isinstance(error, KeyError) else str(error)
            return Candidate(
                name=called.short, place=self.name, path=manifest, problem=f"its manifest is damaged: {why}"
            )

    def _described(self, root: Path, name: str, document: dict[str, Any]) -> Candidate:
        config = _document(_blob(root, document["config"]))
        layers = [(str(each["mediaType"]), each) for each in document["layers"]]
        kinds = [kind.removeprefix(_LAYER) for kind, _ in layers]
        host = config.get("remote_host") or config.get("remote_model")
        if host or model_names.is_cloud_name(name):
            where = f", on {host}" if isinstance(host, str) else ""
            problem = f"it is a name for a model on another machine{where}: nothing of it is here"
            return Candidate(name=name, place=self.name, problem=problem)
        if "model" not in kinds:
            other = "its weights are in another format than GGUF" if "tensor" in kinds else "it has no weights"
            return Candidate(name=name, place=self.name, problem=f"{other}, by its manifest")
        weights = layers[kinds.index("model")][1]
        path = _blob(root, weights)
        licence = _text(root, layers, "license")
        beside = Beside(
            template=_text(root, layers, "template"),
            license=None if licence is None else next(iter(licence.strip().splitlines()), "")[:_MOST_SHOWN] or None,
            projectors=tuple(_blob(root, each) for kind, each in layers if kind == f"{_LAYER}projector"),
            adapters=tuple(_blob(root, each) for kind, each in layers if kind == f"{_LAYER}adapter"),
            digest=path.name.removeprefix("sha256-"),
        )
        return Candidate(
            name=name, place=self.name, path=path, problem=_trouble(path, weights.get("size")), beside=beside
        )


def _blob(root: Path, layer: dict[str, Any]) -> Path:
    """Return the file of a layer.

    Raises:
        ValueError: It is named by something else than a digest, which could lead anywhere.
    """
    match = _DIGEST.fullmatch(layer["digest"])
    if match is None:
        raise ValueError("it names a layer by something that is no digest")
    return root / BLOBS / f"sha256-{match[1]}"


def _trouble(path: Path, size: object) -> str:
    try:
        there = path.stat().st_size
    except FileNotFoundError:
        return f"its weights are missing: there is no {path.name} in {BLOBS}"
    except OSError as error:
        return f"its weights cannot be looked at: {error.strerror or error}"
    if isinstance(size, int) and there != size:
        return f"its weights have {there:,} bytes, and its manifest says {size:,}"
    return ""


def _document(path: Path) -> dict[str, Any]:
    """Return what a manifest's config says; where there is none, what the layers say is enough."""
    try:
        document = strict_json.parse(reading.read(path, limit=_MOST_BYTES, files_only=True))
    except (reading.UnreadableError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _text(root: Path, layers: list[tuple[str, dict[str, Any]]], kind: str) -> str | None:
    layer = next((each for name, each in layers if name == f"{_LAYER}{kind}"), None)
    if layer is None:
        return None
    try:
        return reading.read(_blob(root, layer), limit=_MOST_BYTES, files_only=True).decode("utf-8", "replace")
    except reading.UnreadableError:
        return None
