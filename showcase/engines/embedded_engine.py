"""Starts the embedded engine as a process of its own, once it is known that its models can be run and fit."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents import leftovers
from showcase.engines.embedded import EXTRA, PACKAGE, SHARED
from showcase.engines.embedded.model_file import OPTIONS, ModelFile, first_chat_model, require_file
from showcase.engines.embedded.plan import Planned, plan_for, require_room
from showcase.engines.engine_process import EngineProcess
from showcase.engines.rehearsal_embedding import embedding_for, is_ours
from showcase.errors import EngineError, ModelError, UsageError
from showcase.shell.advice import install_extra, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.languages import Told

_MODULE = "showcase.engines.embedded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """What is to embed: a file, or a model of the rehearsal engine by its name."""

    file: ModelFile | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Runnable:
    """Models that were checked and fit.

    Attributes:
        chat: The chat model.
        embedding: What embeds.
        planned: What they take.
    """

    chat: ModelFile
    embedding: Embedding
    planned: Planned

    @property
    def words(self) -> tuple[str, ...]:
        """The options by which the engine's process is told."""
        chat = ("--chat", str(self.chat.path), "--chat-name", self.chat.name)
        embed = () if self.embedding.file is None else _embedding_words(self.embedding.file)
        return (*chat, "--num-ctx", str(self.planned.need.num_ctx), *embed)

    @property
    def note(self) -> str | None:
        """What is to be said of the models before they are used; None where nothing is."""
        if not self.chat.is_base:
            return None
        return (
            f"{self.chat.name} is a base model ({self.chat.model.kind_reason}): it goes on writing, and was not taught "
            "to answer"
        )


def require_runnable(
    chat: str | None, embed: str | None, *, languages: Sequence[Told] = (), num_ctx: int | None = None
) -> Runnable:
    """Return the models that are asked for, checked; nothing is loaded yet.

    Args:
        chat: The chat model, a file or what `showcase models list` calls it.
        embed: The embedding model likewise, or one of the rehearsal engine; None for the usual one of that.
        languages: Those of the texts.
        num_ctx: Context of the chat model, tokens; None for what fits.

    Raises:
        UsageError: No chat model is named.
        EngineError: llama.cpp is not installed.
        ModelError: A model is not there, cannot be used, or does not fit into memory.
    """
    _require_llama()
    if chat is None:
        there = first_chat_model()
        how = "see which are on this machine: showcase models list"
        if there is not None:
            how = f"one is on this machine: the same command with {OPTIONS['chat']} {there}; all: showcase models list"
        raise UsageError("the embedded engine runs the model that it is given, and none is named", hint=how)
    named = embed is None or is_ours(embed)
    found = require_file(chat, "chat")
    file = None if named else require_file(embed or "", "embed")
    if file is not None and file.name == found.name:  # two models need two names
        file = ModelFile(path=file.path, name=f"{file.name.replace(':', '-')}-embed", purpose="embed", model=file.model)
    embedding = Embedding(file=file, name=embedding_for(embed, languages) if file is None else file.name)
    return Runnable(chat=found, embedding=embedding, planned=plan_for(found, file, num_ctx=num_ctx))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnableEmbedding:
    """An embedding model that is to run alone, checked."""

    file: ModelFile

    @property
    def words(self) -> tuple[str, ...]:
        """The options by which the engine's process is told."""
        return _embedding_words(self.file)


def require_remembered(embed: str) -> None:
    """Refuse where the model that made a store is not kept here by any program; nobody typed its name.

    Raises:
        ModelError: It is not.
    """
    try:
        require_file(embed, "embed")
    except ModelError as error:
        raise ModelError(
            f"the vectors of this store were made by {embed}, and no file of it was named: {error.message}",
            hint=f"name the file: the same command with {OPTIONS['embed']} FILE.gguf",
        ) from error


def require_vectors(embed: str) -> RunnableEmbedding:
    """Return an embedding model whose vectors alone are wanted, by its file or its name; nothing is loaded yet.

    Raises:
        EngineError: llama.cpp is not installed.
        ModelError: See `require_runnable`.
    """
    _require_llama()
    file = require_file(embed, "embed")
    require_room(file)
    return RunnableEmbedding(file=file)


def _embedding_words(file: ModelFile) -> tuple[str, ...]:
    return "--embed", str(file.path), "--embed-name", file.name


def _require_llama() -> None:
    if find_spec(PACKAGE) is None:
        raise EngineError(
            f"the embedded engine is not installed: it comes with the extra {EXTRA}",
            hint=f"install it: {install_extra(EXTRA, PACKAGE)}",
        )


class EmbeddedEngine(EngineProcess):
    """Its process; see `EngineProcess`.

    Args:
        models: What it is to run.
    """

    def __init__(
        self,
        models: Runnable | RunnableEmbedding,
        *,
        environment: Mapping[str, str],
        cwd: Path,
        port: int | None = None,
        wrap: Callable[[Sequence[str]], Sequence[str]] = tuple,
    ) -> None:
        super().__init__(
            "the embedded engine",
            [sys.executable, "-m", _MODULE, *models.words],
            see=" ".join(map(quoted, (Path(sys.executable), "-m", _MODULE, "--standalone", *models.words))),
            environment=environment,
            cwd=cwd,
            port=port,
            wrap=wrap,
        )

    def end(self) -> None:
        """End it, and remove what one that was ended by force has left."""
        super().end()
        leftovers.sweep(SHARED)
