"""Model names: `[host/][namespace/]model[:tag][:local|:cloud]`, as Ollama reads them.

Source: `ParseName` and `EqualFold` in `types/model/name.go`, and `internal/modelref`, of Ollama 0.24.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HOST = "registry.ollama.ai"
_NAMESPACE = "library"
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,79}")
_OWNER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-]{0,79}")  # of a namespace, which has no dot
_HOSTNAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:\-]{0,349}")
_DEFAULTS = (_HOST, _NAMESPACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelName:
    """A model's name with every part filled in."""

    host: str = _HOST
    namespace: str = _NAMESPACE
    model: str
    tag: str = "latest"
    cloud: bool = False

    @property
    def short(self) -> str:
        """The name as lists show it: without the default host and namespace, always with the tag."""
        tail = f"{self.model}:{self.tag}"
        if (self.host.casefold(), self.namespace.casefold()) == _DEFAULTS:
            return tail
        if self.host.casefold() == _HOST:
            return f"{self.namespace}/{tail}"
        return f"{self.host}/{self.namespace}/{tail}"

    @property
    def full(self) -> str:
        """The name with host and namespace, as some errors quote it."""
        return f"{self.host}/{self.namespace}/{self.model}:{self.tag}"

    @property
    def key(self) -> str:
        """What two spellings of one name have in common: names are compared without regard to case."""
        return self.full.casefold()


def parse(text: str) -> ModelName | None:
    """Reads a name.

    A last part `:local` asks for a local model and is otherwise without meaning; `:cloud`, or a tag that ends in
    `-cloud`, names a model that a real server would run on somebody else's machine.

    Returns:
        The name, or None where it is not one.
    """
    rest, cloud = re.sub(r"^[A-Za-z]+://(?=[^/]+/[^/]+/[^/]+$)", "", text.strip()), False
    head, colon, source = rest.rpartition(":")
    if colon and source.casefold() in {"local", "cloud"}:
        rest, cloud = head, source.casefold() == "cloud"
    path, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        path, tag = rest, "latest"
    if tag.casefold().endswith("-cloud"):
        cloud = True
    *outer, model = path.split("/")
    if len(outer) > len(_DEFAULTS):
        return None
    host, namespace = [*_DEFAULTS[: len(_DEFAULTS) - len(outer)], *outer]
    if not (all(map(_PART.fullmatch, (model, tag))) and _OWNER.fullmatch(namespace) and _HOSTNAME.fullmatch(host)):
        return None
    return ModelName(host=host, namespace=namespace, model=model, tag=tag, cloud=cloud)


def key(text: str) -> str:
    """Return what all spellings of a model's name have in common: host, namespace and tag may be left out.

    A model of the cloud is another one than its namesake on this machine. What is no name is itself, in small letters.
    """
    name = parse(text)
    if name is None:
        return text.strip().casefold()
    return f"{name.key}:cloud" if name.cloud else name.key


def short(text: str) -> str:
    """Return a name as a person writes it: without what may be left out."""
    name = parse(text)
    if name is None:
        return text.strip()
    return name.short[: -len(":latest")] if name.tag.casefold() == "latest" else name.short


def same(one: str, other: str) -> bool:
    """Tell whether two names mean the same model."""
    return key(one) == key(other)


def is_cloud_name(name: str) -> bool:
    """Tell whether Ollama would send a request for `name` to its cloud.

    Source: `internal/modelref` of Ollama, whatever the case: tags that are `cloud` or end in `-cloud`. Names
    without a tag that end in `-cloud` are counted too, to be on the safe side.
    """
    return name.lower().endswith((":cloud", "-cloud"))
