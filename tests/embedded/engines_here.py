"""Starts the embedded engine with models of the tests, as a person starts it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine_processes import started

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from engine_processes import Running

MODULE = "showcase.engines.embedded"
NUM_CTX = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """A chat model and an embedding model."""

    chat: Path
    embed: Path


def embedded(files: Files, *, num_ctx: int = NUM_CTX, **variables: str) -> AbstractContextManager[Running]:
    """Start an engine that runs both."""
    return started(
        *(MODULE, "--chat", str(files.chat), "--embed", str(files.embed), "--num-ctx", str(num_ctx)), **variables
    )
