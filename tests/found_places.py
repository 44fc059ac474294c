"""Stores of Ollama, planted; and short words for what a look at places found."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from showcase.engines.models.found import places
from showcase.engines.models.found.interface import Surroundings
from showcase.engines.models.found.listing import Listing, list_models
from showcase.engines.models.found.ollama import SERVICE_MODELS

if TYPE_CHECKING:
    from pathlib import Path

LAYER = "application/vnd.ollama.image."


def usual(home: Path, system: str = "linux", **variables: str) -> Listing:
    here = Surroundings(variables=variables, home=home, system=system)
    return list_models([_NotTheService(each) for each in places.usual(here)])


class _NotTheService:
    """A place, without what somebody may have installed on this machine."""

    def __init__(self, place: Any) -> None:
        self._place = place
        self.name = place.name
        self.candidates = place.candidates

    def roots(self) -> tuple[Path, ...]:
        return tuple(each for each in self._place.roots() if each != SERVICE_MODELS)


def named(*paths: Path) -> Listing:
    return list_models([places.named(each) for each in paths])


def names(found: Listing) -> list[tuple[str, str]]:
    return [(each.aliases[0].place, each.aliases[0].name) for each in found.models if not each.problem]


def skipped(found: Listing) -> dict[str, str]:
    return {each.aliases[0].name: each.problem for each in found.models if each.problem}


class Store:
    """A store of Ollama."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "blobs").mkdir(parents=True)

    def blob(self, data: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(data).hexdigest()
        (self.root / "blobs" / f"sha256-{digest}").write_bytes(data)
        return {"digest": f"sha256:{digest}", "size": len(data)}

    def manifest(self, name: str, document: object) -> None:
        path = self.root / "manifests" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())

    def model(self, name: str, config: dict[str, Any] | None = None, **layers: bytes) -> dict[str, Any]:
        document = {
            "schemaVersion": 2,
            "config": self.blob(json.dumps(config or {"model_format": "gguf"}).encode()),
            "layers": [{"mediaType": LAYER + kind, **self.blob(data)} for kind, data in layers.items()],
        }
        self.manifest(name, document)
        return document
