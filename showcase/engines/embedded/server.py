"""One process of this engine, served as Ollama's protocol has it."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

from showcase.documents import leftovers
from showcase.engines.embedded import limits
from showcase.engines.embedded.engine import LlamaCpp
from showcase.engines.embedded.model_file import require_file
from showcase.engines.embedded.plan import plan_for
from showcase.engines.protocol import server

if TYPE_CHECKING:
    from pathlib import Path


def serve(*, port: int, chat: str, embed: str | None, num_ctx: int | None, standalone: bool) -> None:
    """Serve until SIGINT, SIGTERM or, unless standalone, the end of stdin.

    Args:
        port: Port to bind, 0 for a free one.
        chat: The chat model, a file or what `showcase models list` calls it.
        embed: The embedding model likewise, None for the vectors of the rehearsal engine.
        num_ctx: Context of the chat model where a client does not say, tokens; None for what fits.
        standalone: Whether to outlive the parent.

    Raises:
        EngineError: The port cannot be bound.
        ModelError: A model is not there, cannot be used or loaded, or does not fit into memory.
    """
    files = require_file(chat, "chat"), require_file(embed, "embed") if embed else None
    need = plan_for(*files, num_ctx=num_ctx).need
    limits.bound_memory(need.total_bytes + need.weights_bytes)
    # Its path has to be short: that of a Unix socket is bounded.
    directory = leftovers.make("showcase-llama-")
    try:
        server.serve(
            lambda: LlamaCpp(*files, num_ctx=need.num_ctx, directory=directory, loading=_say_loading),
            port=port,
            standalone=standalone,
        )
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _say_loading(path: Path, limit_s: float) -> None:
    """Say what is loaded: should this process end meanwhile, its parent knows why."""
    sys.stdout.write(json.dumps({"event": "loading", "file": str(path), "limit_s": limit_s}) + "\n")
    sys.stdout.flush()
