"""The options that `chat`, `ask` and `memories` have in common, each group gathered into one parameter."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from showcase import settings as defaults
from showcase.cli.audited import audit_option
from showcase.cli.model_named import ModelType
from showcase.cli.nearest import Nearest, suggestion
from showcase.cli.store_named import StoreType, allow_option
from showcase.memory.backends.interface import BackendName
from showcase.memory.ranking import HALF_LIFE_DAYS, Weights
from showcase.memory.user_ids import check_user_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Function = Callable[..., Any]

THRESHOLD = 0.35
"""Cosine below which a row is taken for one that has nothing to do with a question."""

PARTS = ("relevance", "recency", "importance")
"""What `--weight` names; see `memory.ranking.Weights`."""

TOP_K = 5
_MOST_ROWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineAsked:
    """The options of a model server, as they were typed; `chat_model` is None for a command that has no such option."""

    engine: defaults.EngineChoice
    ollama_host: str | None
    embed_model: str | None
    session_timeout_s: float
    chat_model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendAsked:
    """Which backend, and whether the chat model extracts what is stored."""

    name: BackendName
    infer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingAsked:
    """How many rows, from which cosine on (None for what fits the embedding model), and how they are ranked."""

    top_k: int
    threshold: float | None
    weights: Weights

    def threshold_for(self, embed_model: str) -> float:
        """Return the threshold in force with an embedding model."""
        return threshold_for(embed_model) if self.threshold is None else self.threshold


class Finite(click.FloatRange):
    """A range of numbers that leaves out what is none, and what has no end."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401 - click's signature
        """Return the number."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is no number that can be counted with", param, ctx)
        return number


def store_options(function: Function) -> Function:
    """Add `--store` and `--layout`: parameters `store` and `layout`."""
    function = click.option(
        "--layout",
        type=Nearest(["shared", "per-user"]),
        help="One collection for everybody, as mem0 has it, or one a user.  [default: what the store has, else shared]",
    )(function)
    return store_option(function)


def store_option(function: Function) -> Function:
    """Add `--store`: parameter `store`; and `--audit`, for whatever opens one, see `audited`."""
    return click.option(
        "--store",
        type=StoreType(),
        metavar="DIR|URL",
        help="The store: a directory of your own, the output directory of a run, or the URL of a server, such as "
        "postgresql://USER@HOST/DATABASE.  [default: $SHOWCASE_STORE, else local-memory-showcase in your data "
        "directory]",
    )(allow_option(audit_option(function)))


def user_option(function: Function) -> Function:
    """Add `--user-id`, which has to be given: parameter `user_id`."""
    return click.option(
        "--user-id", required=True, metavar="USER", callback=_checked_user, help="Whose memories they are."
    )(function)


def maybe_user_option(function: Function) -> Function:
    """Add `--user-id`, which may be left out: parameter `user_id`, None where it was."""
    return click.option(
        "--user-id", metavar="USER", callback=_checked_user, help="Whose memories.  [default: everybody's]"
    )(function)


def engine_options(function: Function) -> Function:
    """Add what names a model server, and a chat model: parameter `asked`, an `EngineAsked`."""
    function = embedding_options(function)
    return click.option(
        "--chat-model",
        type=ModelType(),
        metavar="NAME|FILE",
        help="Chat model; a .gguf file with --engine embedded.  [default: the best that is there, else a local one]",
    )(function)


def embedding_options(function: Function) -> Function:
    """Add what names a model server of which embeddings alone are wanted: parameter `asked`, an `EngineAsked`."""

    @functools.wraps(function)
    def gathered(*arguments: Any, session_timeout: float, **options: Any) -> Any:  # noqa: ANN401 - any command's
        names = {"engine", "ollama_host", "embed_model", "chat_model"} & options.keys()
        asked = EngineAsked(session_timeout_s=session_timeout, **{name: options.pop(name) for name in names})
        return function(*arguments, asked=asked, **options)

    options = (
        click.option(
            "--engine",
            type=Nearest(defaults.ENGINES),
            default="auto",
            show_default=True,
            help="Model server. auto: whichever made the store, else Ollama where it answers, else the rehearsal "
            "engine. embedded: llama.cpp runs the file of --chat-model.",
        ),
        click.option(
            "--ollama-host",
            metavar="URL",
            help=f"Where Ollama listens, loopback only.  [default: $OLLAMA_HOST, else {defaults.DEFAULT_OLLAMA_HOST}]",
        ),
        click.option(
            "--embed-model", type=ModelType(), metavar="NAME|FILE",
            help="Embedding model.  [default: the one that made the store, else "
            f"{defaults.DEFAULT_EMBED_MODEL}, else a local one]"
        ),
        click.option(
            defaults.SESSION_TIMEOUT,
            type=Finite(1, defaults.LONGEST_SESSION_TIMEOUT_S),
            default=defaults.SESSION_TIMEOUT_S,
            show_default=True,
            metavar="SECONDS",
            help="An answer of the model server that takes longer is given up.",
        ),
    )  # fmt: skip
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), gathered)


def backend_options(function: Function) -> Function:
    """Add `--backend` and `--infer`: parameter `backend`, a `BackendAsked`."""

    @functools.wraps(function)
    def gathered(*arguments: Any, backend: BackendName, infer: bool, **options: Any) -> Any:  # noqa: ANN401 - any command's
        return function(*arguments, backend=BackendAsked(name=backend, infer=infer), **options)

    infer = click.option(
        "--infer/--no-infer", default=False, show_default=True, help="Let mem0 extract memories with the chat model."
    )
    return backend_option(infer(gathered))


def backend_option(function: Function) -> Function:
    """Add `--backend` alone: parameter `backend`, its name."""
    return click.option(
        "--backend",
        type=Nearest(["mem0", "chroma"]),
        default="mem0",
        show_default=True,
        help="Stock mem0, or Chroma alone, which loads no mem0 and keeps a repeat once.",
    )(function)


def ranking_options(function: Function) -> Function:
    """Add what decides which memories are used: parameter `ranking`, a `RankingAsked`."""

    @functools.wraps(function)
    def gathered(
        *arguments: Any,  # noqa: ANN401 - any command's
        top_k: int,
        threshold: float | None,
        weight: Mapping[str, float],
        half_life: float,
        **options: Any,  # noqa: ANN401 - likewise
    ) -> Any:  # noqa: ANN401 - likewise

        weights = Weights(**weight, half_life_days=half_life)
        ranking = RankingAsked(top_k=top_k, threshold=threshold, weights=weights)
        return function(*arguments, ranking=ranking, **options)

    options = (
        click.option(
            "--top-k",
            type=click.IntRange(1, _MOST_ROWS),
            default=TOP_K,
            show_default=True,
            help="Memories that are used at most.",
        ),
        click.option(
            "--threshold",
            type=Finite(-1, 1),
            metavar="COSINE",
            help=f"Leave out what is farther from the question.  [default: by the embedding model, {THRESHOLD:g} for "
            "one that is not known]",
        ),
        click.option(
            "--weight",
            multiple=True,
            metavar="PART=NUMBER",
            callback=_weights,
            help=f"How much {', '.join(PARTS[:-1])} or {PARTS[-1]} counts (repeatable).  [default: relevance=1, the "
            "others 0]",
        ),
        click.option(
            "--half-life",
            type=Finite(0, min_open=True),
            default=HALF_LIFE_DAYS,
            show_default=True,
            metavar="DAYS",
            help="In how many days recency halves.",
        ),
    )
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), gathered)


def threshold_for(embed_model: str) -> float:
    """Return the cosine from which on a row has to do with a question, by the model that made both vectors."""
    from showcase.conversation.thresholds import default_for  # noqa: PLC0415 - `--help` must not wait

    return default_for(embed_model)


def _checked_user(_: click.Context, __: click.Parameter, value: str | None) -> str | None:

    return None if value is None else check_user_id(value)


def _weights(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:
    found: dict[str, float] = {}
    for value in values:
        name, equals, number = value.partition("=")
        if not equals or name not in PARTS:
            near = suggestion(name, PARTS)
            raise click.BadParameter(f"{value!r} is no PART=NUMBER, PART one of {', '.join(PARTS)}.{near}", ctx, param)
        if name in found:
            raise click.BadParameter(f"{name} is there twice", ctx, param)
        found[name] = Finite(0, 1_000_000).convert(number, param, ctx)
    return found
