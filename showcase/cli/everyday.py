"""The surroundings in which `chat`, `ask` and `memories` open a store, and the model server that they ask."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase import settings as defaults
from showcase.cli.everyday_options import (
    THRESHOLD,
    BackendAsked,
    EngineAsked,
    Finite,
    RankingAsked,
    backend_option,
    backend_options,
    embedding_options,
    engine_options,
    maybe_user_option,
    ranking_options,
    store_option,
    store_options,
    threshold_for,
    user_option,
)
from showcase.cli.store_named import check_allowed
from showcase.documents.file_names import BELOW_A_RUN, why_unfit
from showcase.documents.surrogates import escaped
from showcase.errors import UsageError
from showcase.memory.backends.opening import Kept, look
from showcase.settings import store_secret
from showcase.settings.ollama_host import Place, find
from showcase.settings.store_place import StoreNamed, default_store, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.engines.everyday import Opened
    from showcase.memory.store_record import Layout

__all__ = [
    "THRESHOLD", "BackendAsked", "EngineAsked", "Finite", "RankingAsked", "Surroundings", "backend_option",
    "backend_options", "embedding_options", "engine_options", "maybe_user_option", "ranking_options", "say", "server",
    "store_option", "store_options", "surroundings", "threshold_for", "user_option",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where a command finds itself once nothing of the user's shell and directory can lead a library elsewhere.

    Attributes:
        kept: The store, of which nothing was opened yet.
        typed_from: The directory in which the command was typed: what was typed is relative to it.
        environment: The user's own, as it was, for an editor or a pager.
    """

    kept: Kept
    typed_from: Path
    environment: Mapping[str, str]


@contextmanager
def surroundings(
    store: StoreNamed | None, layout: Layout | None = None, *, finishes: bool = True
) -> Iterator[Surroundings]:
    """Bring this process where no variable and no file of the user's leads a library elsewhere, and back.

    chromadb reads the environment and a `.env` of the working directory, mem0 a home of its own.

    Args:
        store: What `--store` named, a directory or a URL; None for the one of every day.
        layout: What `--layout` named.
        finishes: Whether a conversion that was cut off is finished: not by what only looks.

    Raises:
        UsageError: There can be no store there, or it has another layout.
        StoreError: What the store says of itself cannot be read.
    """
    from showcase.documents.leftovers import temporary  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.operations.process import called  # noqa: PLC0415 - likewise
    from showcase.processes.environment import adopt  # noqa: PLC0415 - likewise

    typed_from = Path.cwd()
    named = default_store() if store is None else store
    secret = None
    if isinstance(named, Path):
        check_name(store)
    else:
        check_allowed(named)
        secret = store_secret.find(os.environ)
    place = place_of(named)
    before = adopt(mem0_home=place.home)
    others = os.umask(0o077)  # Chroma and mem0 make files as the umask has it
    try:
        context = click.get_current_context(silent=True)
        command = "showcase" if context is None else context.command_path.removeprefix("showcase ")
        with temporary("showcase-here-") as nowhere, called(command):
            os.chdir(nowhere)
            try:
                yield Surroundings(
                    kept=look(place, layout, finishes=finishes, secret=secret),
                    typed_from=typed_from,
                    environment=before,
                )
            finally:
                with suppress(OSError):  # it was deleted meanwhile
                    os.chdir(typed_from)
    finally:
        os.umask(others)
        os.environ.clear()
        os.environ.update(before)


def check_name(store: StoreNamed | None, option: str = "--store") -> None:
    """Refuse a name that this system makes something else of; `option` is where another one is to be named."""
    if not isinstance(store, Path):
        return
    why = why_unfit(store, below=BELOW_A_RUN)
    if escaped(str(store.absolute())) != str(store.absolute()):
        why = "its name is not UTF-8, and Chroma takes no other"
    if why is not None:
        raise UsageError(f"{escaped(str(store))} can be no store: {why}", hint=f"name another directory: {option} DIR")


@contextmanager
def server(around: Surroundings, asked: EngineAsked, *, chats: bool, remembered: str | None = None) -> Iterator[Opened]:
    """Find or start the model server that was asked for, and end what was started.

    Args:
        around: See `surroundings`.
        asked: The options of the server.
        chats: Whether a chat model is needed.
        remembered: The embedding model to take where none was named and the store remembers none.

    Raises:
        ShowcaseError: See `engines.everyday.opened`.
    """
    from showcase.engines import everyday  # noqa: PLC0415 - `--help` must not wait

    place, refused = _place(asked, around.environment)
    if place.note and asked.engine not in defaults.OWN_ENGINES:
        say(place.note + (f"; fix: {place.fix}" if place.fix else ""))
    record = around.kept.record
    wanted = everyday.Wanted(
        engine=asked.engine,
        ollama=place.endpoint,
        ollama_refused=refused,
        chat_model=asked.chat_model if chats else None,
        embed_model=asked.embed_model,
        remembered=record.embed_model if record else remembered,
        chats=chats,
        limit_s=asked.session_timeout_s,
        environment=around.environment,
    )
    with everyday.opened(wanted, note=say) as opened:
        yield opened


def say(text: str) -> None:
    """Tell a person something beside the result, on standard error."""
    from showcase.cli.words import as_typed, fitted, one_line  # noqa: PLC0415 - `--help` needs it not

    with suppress(OSError):  # whoever read it has gone
        click.echo(fitted(one_line(as_typed(text)), err=True), err=True)


def _place(asked: EngineAsked, environment: Mapping[str, str]) -> tuple[Place, UsageError | None]:
    """Return where Ollama listens, and why OLLAMA_HOST was refused where another engine may do."""
    if asked.ollama_host is None and asked.engine in defaults.OWN_ENGINES:
        return Place(endpoint=defaults.OLLAMA), None
    try:
        return find(asked.ollama_host, environment), None
    except UsageError as error:
        if asked.ollama_host is not None or asked.engine != "auto":
            raise
        return Place(endpoint=defaults.OLLAMA), error
