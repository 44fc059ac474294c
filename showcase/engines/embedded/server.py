"""One process of this engine, served as Ollama's protocol has it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from showcase.documents import leftovers
from showcase.engines.embedded import SHARED, limits
from showcase.engines.embedded.engine import LlamaCpp
from showcase.engines.embedded.model_file import Files, require_file
from showcase.engines.embedded.plan import room_of
from showcase.engines.protocol import server

if TYPE_CHECKING:
    from pathlib import Path

_PREFIX = "showcase-llama-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The models that are asked for.

    Attributes:
        chat: The chat model, a file or what `showcase models list` calls it; None where vectors alone are wanted.
        embed: The embedding model likewise, None for the vectors of the rehearsal engine.
        chat_name: What it is called, None for what its file is.
        embed_name: Likewise.
    """

    chat: str | None
    embed: str | None
    chat_name: str | None
    embed_name: str | None

    def files(self) -> Files:
        """Return their files, checked."""
        chat = require_file(self.chat, "chat") if self.chat else None
        embed = require_file(self.embed, "embed") if self.embed else None
        return Files(
            chat=chat and replace(chat, name=self.chat_name or chat.name),
            embed=embed and replace(embed, name=self.embed_name or embed.name),
        )


def serve(asked: Asked, *, port: int, num_ctx: int | None, standalone: bool) -> None:
    """Serve until SIGINT, SIGTERM or, unless standalone, the end of stdin.

    Args:
        asked: The models.
        port: Port to bind, 0 for a free one.
        num_ctx: Context of the chat model where a client does not say, tokens; None for what fits.
        standalone: Whether to outlive the parent.

    Raises:
        EngineError: The port cannot be bound.
        ModelError: A model is not there, cannot be used or loaded, or does not fit into memory.
    """
    files = asked.files()
    room = room_of(files, num_ctx=num_ctx)
    limits.bound_memory(room.most_bytes)
    directory = _for_sockets()
    try:
        server.serve(
            lambda: LlamaCpp(files, num_ctx=room.num_ctx, directory=directory, loading=_say_loading),
            port=port,
            standalone=standalone,
        )
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _for_sockets() -> Path:
    """Make a directory for llama.cpp's own sockets, whose path has to be short.

    In a seal memory that is shared is the seal's own: nobody outside could enter by a socket there.
    """
    if SHARED.is_dir() and os.access(SHARED, os.W_OK | os.X_OK):
        leftovers.sweep(SHARED)
        return leftovers.make(_PREFIX, SHARED)
    return leftovers.make(_PREFIX)


def _say_loading(path: Path, limit_s: float) -> None:
    """Say what is loaded: should this process end meanwhile, its parent knows why."""
    sys.stdout.write(json.dumps({"event": "loading", "file": str(path), "limit_s": limit_s}) + "\n")
    sys.stdout.flush()
