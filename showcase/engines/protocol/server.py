"""One engine process: binds a loopback port, says when it is ready, ends when told to."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

import uvicorn

from showcase.engines.protocol import parent
from showcase.engines.protocol.app import build
from showcase.engines.protocol.engine import Engine
from showcase.engines.protocol.residency import DEFAULT_KEEP_ALIVE
from showcase.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from showcase.engines.protocol.interface import Backend

HOST = "127.0.0.1"
_BACKLOG = 2048


def listen(port: int) -> socket.socket:
    """Binds the port, on loopback only.

    Args:
        port: A port, or 0 for a free one.

    Raises:
        EngineError: The port is taken or may not be bound.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":
        # On Windows the same option would let two servers share the port.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
        bound.listen(_BACKLOG)
    except (OSError, OverflowError) as failure:
        bound.close()
        taken = isinstance(failure, OSError) and failure.errno == errno.EADDRINUSE
        reason = "is taken by another program" if taken else f"cannot be bound: {failure}"
        raise EngineError(
            f"port {port} of {HOST} {reason}", hint="take another one with --port, or --port 0 for a free one"
        ) from failure
    return bound


def announce(port: int) -> None:
    """Prints the one line that tells the parent where to connect."""
    ready = {"event": "ready", "host": HOST, "port": port, "pid": os.getpid()}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()


def serve(make: Callable[[], Backend], *, port: int, standalone: bool, ready: Callable[[int], None] = announce) -> None:
    """Serves until SIGINT, SIGTERM or, unless standalone, the end of stdin.

    Args:
        make: Makes what answers, once the port is bound.
        port: Port to bind, 0 for a free one.
        standalone: Whether to outlive the parent.
        ready: Called with the port once connections are accepted.

    Raises:
        EngineError: The port cannot be bound, or what `make` raises.
    """
    with listen(port) as bound:
        engine = Engine(make())
        config = uvicorn.Config(
            build(engine),
            # No access log: a path could carry what somebody typed, and stdout belongs to the ready line.
            access_log=False,
            log_config=None,
            lifespan="off",
            server_header=False,
            # As good as never, like Ollama: a pooled connection that is closed under its client loses a request.
            timeout_keep_alive=86_400,
            timeout_graceful_shutdown=2,
        )

        def started() -> None:
            for model, num_ctx in engine.backend.preloaded():
                held = engine.backend.memory_bytes(model, num_ctx)
                engine.residency.touch(model, num_ctx=num_ctx, memory_bytes=held, keep_alive=DEFAULT_KEEP_ALIVE)
            ready(bound.getsockname()[1])

        server = _Server(config, started)
        if not standalone:
            parent.watch(server.end)
        server.run(sockets=[bound])


class _Server(uvicorn.Server):
    """Tells when connections are accepted, and takes a signal for a wish, not for a failure."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    def end(self) -> None:
        """Asks the server to stop; safe from any thread."""
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ends on the first signal, at once on a second Ctrl-C.

        uvicorn would raise the signal once more after its shutdown, and the exit status would tell of a failure.
        """
        del frame
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, then announces."""
        await super().startup(sockets)
        self._ready()
