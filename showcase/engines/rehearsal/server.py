"""One process of this engine, served as Ollama's protocol has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.protocol import server
from showcase.engines.protocol.server import HOST, announce, listen
from showcase.engines.rehearsal.engine import Rehearsal
from showcase.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HOST", "announce", "listen", "serve"]


def serve(*, port: int, pace: float | None, standalone: bool, ready: Callable[[int], None] = announce) -> None:
    """Serve until SIGINT, SIGTERM or, unless standalone, the end of stdin.

    Args:
        port: Port to bind, 0 for a free one.
        pace: Tokens a second, None for as fast as it can.
        standalone: Whether to outlive the parent.
        ready: Called with the port once connections are accepted.

    Raises:
        EngineError: The port cannot be bound, or the weights cannot be read.
    """

    def made() -> Rehearsal:
        try:
            return Rehearsal(pace=pace)
        except (OSError, ValueError) as failure:
            raise EngineError(
                f"the weights of the rehearsal engine cannot be read: {failure}", hint="install the package again"
            ) from failure

    server.serve(made, port=port, standalone=standalone, ready=ready)
