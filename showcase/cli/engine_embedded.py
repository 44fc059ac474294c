"""`showcase engine start --model`: the embedded engine in the foreground."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import click

from showcase.cli.words import as_typed
from showcase.documents.leftovers import temporary
from showcase.engines.embedded.known import told_of
from showcase.engines.embedded_engine import EmbeddedEngine, require_runnable
from showcase.engines.ollama import OllamaGate
from showcase.errors import EngineError
from showcase.processes.environment import build
from showcase.shell import here

if TYPE_CHECKING:
    from types import FrameType

    from showcase.engines.embedded_engine import Runnable
    from showcase.evidence import Endpoint


def start(model: str, embed: str | None, *, port: int, num_ctx: int | None) -> int:
    """Run it as a process of its own until Ctrl-C; a damaged file ends that process, and not this one without a word.

    Args:
        model: The chat model, a file or its name.
        embed: The embedding model likewise, None for the vectors of the rehearsal engine.
        port: Where it listens, 0 for a free port.
        num_ctx: Context, tokens; None for what fits.

    Returns:
        The exit status.

    Raises:
        ShowcaseError: See `require_runnable`; or it does not start, or ends by itself.
    """
    models = require_runnable(model, embed, num_ctx=num_ctx)
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    with temporary("showcase-engine-") as cwd:
        click.echo(f"{models.chat.name}: {models.planned.reason}")
        engine = EmbeddedEngine(models, environment=build(os.environ)[0], cwd=cwd, port=port or None)
        try:
            _tell(models, engine.wait_ready())
            engine.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            engine.end()
    raise EngineError(
        engine.death or "the embedded engine ended by itself", hint="look at what it said; start it again"
    )


def _as_ctrl_c(_: int, __: FrameType | None) -> None:
    """End in order: its process is waited for, and nothing of it stays."""
    raise KeyboardInterrupt


def _tell(models: Runnable, endpoint: Endpoint) -> None:
    if models.note is not None:
        click.echo(f"Warning: {models.note}.")
    gate = OllamaGate(endpoint)
    try:
        chat = next(each for each in gate.models() if each.name.startswith(models.chat.name))
        click.echo(as_typed(told_of(gate.describe(chat))))
    finally:
        gate.close()
    click.echo(f"The embedded engine listens at http://{endpoint}")
    click.echo(f"Models: {models.chat.name} (llama.cpp), {models.embedding.name} (embeddings)")
    click.echo(f"Point a client at it:  {here().set_variables({'OLLAMA_HOST': str(endpoint)})}")
    click.echo("Ctrl-C ends it.")
