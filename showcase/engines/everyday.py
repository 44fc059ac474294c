"""The model server of a command of every day: one that is there, or an engine of ours for as long as it runs.

A run has `room`, under its witnesses. Here nobody watches; what holds is the same: loopback alone, no cloud model,
nothing pulled.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from showcase.documents.leftovers import temporary
from showcase.engines.discovery import choose_embedding, choose_models
from showcase.engines.embedded.model_file import refuse_file
from showcase.engines.ollama import OllamaGate
from showcase.engines.rehearsal_embedding import check_chat_name, embedding_for, is_ours
from showcase.errors import EngineError, NoServerError, UsageError
from showcase.evidence import Endpoint, EngineKind, Model
from showcase.processes.environment import build
from showcase.settings import EngineChoice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from showcase.engines.embedded_engine import Runnable, RunnableEmbedding


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which server and models are asked for.

    Attributes:
        engine: As `--engine` has it.
        ollama: Where Ollama listens.
        ollama_refused: Why OLLAMA_HOST cannot be used; None where it can.
        chat_model: Name of the chat model, None for the usual choice.
        embed_model: Name of the embedding model, None for the usual choice.
        remembered: The embedding model that made the store's vectors, None where there are none, or nobody knows.
        chats: Whether a chat model is needed.
        limit_s: How long a whole answer of the server may take.
        environment: The user's environment, of which a rehearsal engine gets its own.
    """

    engine: EngineChoice
    ollama: Endpoint
    ollama_refused: UsageError | None = None
    chat_model: str | None = None
    embed_model: str | None = None
    remembered: str | None = None
    chats: bool = True
    limit_s: float
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A server with its models checked: there, local, of the right kind.

    `chat_model` is None where none was asked for. `kind` is what it is, also where it was reached as an Ollama.
    """

    gate: OllamaGate
    embed_model: Model
    chat_model: Model | None
    kind: EngineKind

    @property
    def is_rehearsal(self) -> bool:
        """Whether it is the rehearsal engine, however it was reached."""
        return self.kind == "rehearsal"

    @property
    def counts_exactly(self) -> bool:
        """Whether it makes its tokens of a prompt without reading it; see `OllamaModels.tokens`."""
        return self.kind == "embedded"

    @property
    def endpoint(self) -> Endpoint:
        """Where it listens."""
        return self.gate.endpoint


@contextmanager
def opened(wanted: Wanted, *, note: Callable[[str], None]) -> Iterator[Opened]:
    """Find or start a server, and end what was started.

    With `auto` it is the one whose model made the store; where nobody knows that, Ollama if it answers and has the
    models, else the rehearsal engine.

    Args:
        wanted: What is asked for.
        note: Is told what was chosen where that was not asked for.

    Raises:
        EngineError: The server is not there, or cannot be started.
        ModelError: A model is missing, remote or of the wrong kind.
        UsageError: The rehearsal engine has no model of that name.
    """
    with ExitStack() as places:
        if wanted.engine == "embedded":
            yield _embedded(wanted, places, note) if wanted.chats else _vectors(wanted, places)
            return
        for given in filter(None, (wanted.chat_model, wanted.embed_model)):
            refuse_file(given, "the same command with --engine embedded")
        found = None if _is_rehearsal(wanted) else _of_ollama(wanted, places, note)
        yield found or _rehearsal(wanted, places)


def _is_rehearsal(wanted: Wanted) -> bool:
    named = wanted.embed_model or wanted.remembered
    return wanted.engine == "rehearsal" or (wanted.engine == "auto" and named is not None and is_ours(named))


def _of_ollama(wanted: Wanted, places: ExitStack, note: Callable[[str], None]) -> Opened | None:
    """Return an Ollama that is there; None where it cannot be used and another engine may take its place."""
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy

    auto = wanted.engine == "auto"
    try:
        if wanted.ollama_refused is not None:
            raise wanted.ollama_refused
        gate = OllamaGate(wanted.ollama, whole_s=wanted.limit_s)
        places.callback(gate.close)
        opened = _with_models(gate, wanted, kind="ollama")
        gate.check_listing()
    except (EngineError, UsageError) as error:
        # What was named, or made the store, is meant: another engine would be something else.
        if not auto or wanted.embed_model or wanted.chat_model or wanted.remembered:
            if isinstance(error, NoServerError):
                # What a run could do in its place is no way out for another command.
                start = error.hint.partition("; or ")[0]
                named = wanted.remembered or wanted.embed_model or wanted.chat_model
                if wanted.remembered and not wanted.embed_model:
                    start += (
                        "; or run its file without a server: the same command, --engine embedded --embed-model FILE"
                    )
                error.hint = start if named else f"{start}; or do without one: the same command, --engine rehearsal"
            raise
        note(f"Ollama cannot be used: {error.message}. Using the rehearsal engine, which is no language model")
        return None
    return opened


def _rehearsal(wanted: Wanted, places: ExitStack) -> Opened:
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy
    from showcase.engines.rehearsal_engine import RehearsalEngine  # noqa: PLC0415 - with it

    check_chat_name(wanted.chat_model)
    embedding_for(wanted.embed_model)
    cwd = places.enter_context(temporary("showcase-engine-"))
    engine = RehearsalEngine(environment=build(wanted.environment)[0], cwd=cwd)
    places.callback(engine.end)
    gate = OllamaGate(engine.wait_ready(), whole_s=wanted.limit_s)
    places.callback(gate.close)
    return _with_models(gate, wanted, kind="rehearsal")


def _embedded(wanted: Wanted, places: ExitStack, note: Callable[[str], None]) -> Opened:
    from showcase.engines.embedded_engine import require_remembered, require_runnable  # noqa: PLC0415 - heavy

    remembered = wanted.remembered if wanted.embed_model is None else None
    if remembered is not None and not is_ours(remembered):
        require_remembered(remembered)
    models = require_runnable(wanted.chat_model, wanted.embed_model or wanted.remembered)
    if models.note is not None:
        note(models.note)
    gate = _started(models, wanted, places)
    choice = choose_models(gate, kind="embedded", why="asked for", embed=models.embedding.name, chat=models.chat.name)
    return Opened(gate=gate, embed_model=choice.embed_model, chat_model=choice.chat_model, kind="embedded")


def _vectors(wanted: Wanted, places: ExitStack) -> Opened:
    """Return what embeds where no chat model is wanted; the vectors of the rehearsal engine need no llama.cpp."""
    from showcase.engines.embedded_engine import require_remembered, require_vectors  # noqa: PLC0415 - heavy

    named = wanted.embed_model or wanted.remembered
    if named is None or is_ours(named):
        return _rehearsal(wanted, places)
    if wanted.embed_model is None:
        require_remembered(named)
    models = require_vectors(named)
    gate = _started(models, wanted, places)
    model = choose_embedding(gate, embed=models.file.name)
    return Opened(gate=gate, embed_model=model, chat_model=None, kind="embedded")


def _started(models: Runnable | RunnableEmbedding, wanted: Wanted, places: ExitStack) -> OllamaGate:
    from showcase.engines.embedded_engine import EmbeddedEngine  # noqa: PLC0415 - heavy
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - likewise

    cwd = places.enter_context(temporary("showcase-engine-"))
    engine = EmbeddedEngine(models, environment=build(wanted.environment)[0], cwd=cwd)
    places.callback(engine.end)
    gate = OllamaGate(engine.wait_ready(), whole_s=wanted.limit_s)
    places.callback(gate.close)
    return gate


def _with_models(gate: OllamaGate, wanted: Wanted, *, kind: Literal["ollama", "rehearsal"]) -> Opened:
    embed = wanted.embed_model or wanted.remembered
    if kind == "rehearsal":
        embed = embedding_for(wanted.embed_model or (embed if embed and is_ours(embed) else None))
    if not wanted.chats:
        model = choose_embedding(gate, embed=embed)
        return Opened(gate=gate, embed_model=model, chat_model=None, kind=kind)
    choice = choose_models(gate, kind=kind, why="asked for", embed=embed, chat=wanted.chat_model)
    said: EngineKind = "rehearsal" if choice.is_rehearsal else kind
    return Opened(gate=gate, embed_model=choice.embed_model, chat_model=choice.chat_model, kind=said)
