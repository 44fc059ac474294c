"""Which server and which models a run uses, decided before anything is planted."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from showcase.engines.model_names import is_cloud_name, key, short
from showcase.errors import ModelError
from showcase.evidence import EngineKind, Model, says_rehearsal
from showcase.settings import CHAT_PREFERENCE, DEFAULT_EMBED_MODEL
from showcase.shell.advice import near, ollama_command, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.engines.interface import Engine

UNIT_NORM_TOLERANCE = 1e-3
"""Vectors off by more have no unit length, and `1 - d/2` would be no cosine."""

PROBE = "a short sentence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A server that can carry a run, with its models checked: there, local, and of the right kind."""

    kind: EngineKind
    why: str
    version: str
    chat_model: Model
    embed_model: Model
    cloud_disabled: bool | None

    @property
    def is_rehearsal(self) -> bool:
        """Whether the server is the rehearsal engine, see `Engine`."""
        return self.kind == "rehearsal" or says_rehearsal(self.version, self.chat_model.family)


def choose_models(
    engine: Engine,
    *,
    kind: EngineKind,
    why: str,
    embed: str | None,
    chat: str | None,
    rank: Callable[[Sequence[Model]], Sequence[str]] | None = None,
) -> Choice:
    """Return the models to use on `engine`.

    Args:
        engine: The server.
        kind: What it is.
        why: Why it was chosen, a sentence for the report.
        embed: Embedding model asked for; None for `nomic-embed-text`, else the first local one.
        chat: Chat model asked for; None for the first that `rank` names, else of `CHAT_PREFERENCE`, else the
            first local one.
        rank: Names chat models to prefer, given those that are there; asked only where none was asked for.

    Raises:
        ModelError: A model is missing, remote or of the wrong kind.
        EngineError: The server is not there or no Ollama.
    """
    version = engine.version()
    models = engine.models()
    embed_model = _embedding(engine, models, embed)
    ranked = rank(models) if rank is not None and chat is None else ()
    preferred = (*ranked, *CHAT_PREFERENCE)
    chat_model = _pick(engine, models, chat, preferred, "completion", option="--chat-model", avoid=embed_model.name)
    embed_model = _measured(engine, embed_model)
    if kind == "ollama" and says_rehearsal(version, chat_model.family):
        why = f"{why}; it says of itself that it is the rehearsal engine: no language model takes part"
    return Choice(
        kind=kind,
        why=why,
        version=version,
        chat_model=chat_model,
        embed_model=embed_model,
        cloud_disabled=engine.cloud_disabled(),
    )


def choose_embedding(engine: Engine, *, embed: str | None) -> Model:
    """Return the embedding model to use on `engine`, for what needs no chat model; see `choose_models`."""
    engine.version()
    return _measured(engine, _embedding(engine, engine.models(), embed))


def _embedding(engine: Engine, models: Sequence[Model], embed: str | None) -> Model:
    return _pick(engine, models, embed, (DEFAULT_EMBED_MODEL,), "embedding", option="--embed-model", avoid="")


def _measured(engine: Engine, model: Model) -> Model:
    """Return an embedding model with the dimension of a vector that it made.

    Raises:
        ModelError: The vector is not of unit length.
    """
    vector = engine.embed(model.name, PROBE)
    norm = math.hypot(*vector)
    if abs(norm - 1) > UNIT_NORM_TOLERANCE:
        raise ModelError(
            f"the vectors of {model.name} have length {norm:.3f} instead of 1: no cosine can be told",
            hint=f"choose another embedding model: {_pull(engine, DEFAULT_EMBED_MODEL)}; then: the same command "
            f"with --embed-model {DEFAULT_EMBED_MODEL}",
        )
    return replace(model, dimensions=len(vector))


def _pick(
    engine: Engine,
    models: Sequence[Model],
    wanted: str | None,
    preferred: Sequence[str],
    capability: str,
    *,
    option: str,
    avoid: str,
) -> Model:
    there = {key(model.name): model for model in models}
    if wanted is not None:
        return _named(engine, there, wanted, capability, option)
    for name in preferred:
        found = there.get(key(name))
        if found is not None and not found.remote:
            described = engine.describe(found)
            if not described.remote and _can(described, capability):
                return described
    for model in models:
        if model.remote or model.name == avoid:
            continue
        described = engine.describe(model)
        if not described.remote and _can(described, capability):
            return described
    kind = "embedding" if capability == "embedding" else "chat"
    raise ModelError(f"no local {kind} model is there", hint=_pull(engine, preferred[-1]))


def _named(engine: Engine, there: dict[str, Model], wanted: str, capability: str, option: str) -> Model:
    if is_cloud_name(wanted):
        raise _not_local(engine, wanted, option)
    found = there.get(key(wanted))
    if found is None:
        known = [short(model.name) for model in there.values() if not model.remote]
        raise ModelError(f"the model {wanted} is not there{near(wanted, known)}", hint=_pull(engine, wanted))
    if found.remote:
        raise _not_local(engine, wanted, option, found.remote_host)
    described = engine.describe(found)
    if described.remote:
        raise _not_local(engine, wanted, option, described.remote_host)
    if not _can(described, capability):
        does = ", ".join(described.capabilities)
        kind = "embeddings" if capability == "embedding" else "chat"
        raise ModelError(
            f"{wanted} is not a model for {kind}: it does {does}", hint=_fit(engine, there, capability, option)
        )
    return described


def _fit(engine: Engine, there: dict[str, Model], capability: str, option: str) -> str:
    """Return what to type instead: a model that is there and can do it, else one to pull."""
    for model in there.values():
        if not model.remote and capability in engine.describe(model).capabilities:
            return f"the same command with {option} {quoted(model.name)}"
    name = DEFAULT_EMBED_MODEL if capability == "embedding" else CHAT_PREFERENCE[-1]
    return f"{_pull(engine, name)}; then: the same command with {option} {name}"


def _pull(engine: Engine, name: str) -> str:
    return ollama_command(engine.endpoint, "pull", name)


def _not_local(engine: Engine, name: str, option: str, host: str | None = None) -> ModelError:
    where = f" ({host})" if host else ""
    return ModelError(
        f"{name} is not a local model: the server would post the memories to the internet{where}",
        hint=f"give a local one with {option}; what is there: {ollama_command(engine.endpoint, 'list')}",
    )


def _can(model: Model, capability: str) -> bool:
    # Servers before 0.6.4 list no capabilities: then the call itself will tell.
    return not model.capabilities or capability in model.capabilities
