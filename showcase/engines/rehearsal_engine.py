"""Starts the rehearsal engine as a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.engines.engine_process import EngineProcess, free_port
from showcase.engines.rehearsal import CHAT_MODEL, EMBED_MODEL
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["CHAT_MODEL", "EMBED_MODEL", "RehearsalEngine", "free_port"]

_MODULE = "showcase.engines.rehearsal"


class RehearsalEngine(EngineProcess):
    """Its process; see `EngineProcess`."""

    def __init__(
        self,
        *,
        environment: Mapping[str, str],
        cwd: Path,
        port: int | None = None,
        wrap: Callable[[Sequence[str]], Sequence[str]] = tuple,
    ) -> None:
        super().__init__(
            "the rehearsal engine",
            [sys.executable, "-m", _MODULE],
            see=f"{quoted(Path(sys.executable))} -m {_MODULE} --standalone",
            environment=environment,
            cwd=cwd,
            port=port,
            wrap=wrap,
        )
