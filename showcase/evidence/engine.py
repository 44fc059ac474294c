"""The model server, its models and the machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.evidence.fact import Fact

EngineKind = Literal["ollama", "rehearsal", "embedded"]
"""How a run comes by a model server: it reaches or starts an Ollama, or starts one of its own engines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Fact):
    """A numeric address and a port."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform(Fact):
    """The machine, without names of host or user."""

    system: str
    release: str
    machine: str
    python: str
    implementation: str
    cpus: int | None
    memory_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Fact):
    """A model as the server describes it. `remote` is None where the server was not asked or did not say.

    `license` is the first line of what the server shows of it, None where it shows none, or was not asked.
    """

    name: str
    digest: str | None = None
    size_bytes: int | None = None
    family: str | None = None
    parameter_size: str | None = None
    quantization: str | None = None
    context_length: int | None = None
    dimensions: int | None = None
    capabilities: tuple[str, ...] = ()
    remote: bool | None = None
    remote_host: str | None = None
    license: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel(Fact):
    """A row of `/api/ps` at the end of the run."""

    name: str
    size_bytes: int | None
    vram_bytes: int | None
    context_length: int | None
    remote_host: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPlan(Fact):
    """Which rung of the ladder fits this machine, with the sum behind it. `chosen` is None where none fits."""

    free_bytes: int
    free_source: str
    chosen: str | None
    num_ctx: int | None
    needed_bytes: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RungTried(Fact):
    """A rung that was loaded, or why it could not be."""

    tag: str
    outcome: Literal["loaded", "does not fit"]
    reason: str


def says_rehearsal(version: str | None, family: str | None = None) -> bool:
    """Tell whether a server is the rehearsal engine, by its version or the family of its chat model.

    It says so in both (`/api/version`, `/api/tags`), whoever started it and however it is reached: a proxy in front of
    it that answers with another version still serves models of that family.
    """
    return (version is not None and version.endswith("-rehearsal")) or family == "rehearsal"


def says_embedded(version: str | None) -> bool:
    """Tell whether a server is the embedded engine, by its version, whoever started it."""
    return version is not None and version.partition("+")[0].endswith("-embedded")


def called(version: str | None, *, rehearses: bool) -> str:
    """Return what a server is called in a sentence: that no language model took part is always said."""
    if rehearses:
        return "the rehearsal engine (no language model)"
    return "the embedded engine (llama.cpp)" if says_embedded(version) else "Ollama"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine(Fact):
    """The model server. `loaded` is None where `/api/ps` could not be read at the end.

    `kind` is how the run came by it: `rehearsal` or `embedded` where it started its own engine, which has no language
    model or runs one from a file; `ollama` where it reached, or started, a server as an Ollama. What that server is, by
    its own word, `is_rehearsal` tells.

    `started` says that the run started it: then its processes are processes of the run, with the role `engine`. One of
    its own engines always is.
    """

    kind: EngineKind
    why: str
    version: str
    endpoint: Endpoint
    chat_model: Model
    embed_model: Model
    cloud_disabled: bool | None
    loaded: tuple[LoadedModel, ...] | None
    plan: ModelPlan | None = None
    rungs_tried: tuple[RungTried, ...] = ()
    started: bool = False

    @property
    def is_own(self) -> bool:
        """Whether it is one of this program's own engines, a process of the run by construction."""
        return self.kind != "ollama"

    @property
    def is_rehearsal(self) -> bool:
        """Whether it is the rehearsal engine, which is no language model, also where it was reached as an Ollama."""
        return self.kind == "rehearsal" or says_rehearsal(self.version, self.chat_model.family)

    @property
    def is_embedded(self) -> bool:
        """Whether it is the embedded engine by its own word, whoever started it."""
        return not self.is_rehearsal and says_embedded(self.version)

    @property
    def called(self) -> str:
        """What it is, for a reader: that no language model took part is always said."""
        return called(self.version, rehearses=self.is_rehearsal)
