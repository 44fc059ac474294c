"""Starts the embedded engine as a process of its own, on a free loopback port, and ends it."""

from __future__ import annotations

import random
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.engines.rehearsal import CHAT_MODEL, EMBED_MODEL
from showcase.errors import EngineError
from showcase.evidence import Endpoint
from showcase.processes.child import Child, read_document
from showcase.shell.advice import quoted
from showcase.shell.endings import ending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["CHAT_MODEL", "EMBED_MODEL", "RehearsalEngine"]

START_TIMEOUT_S = 60.0

_ERROR = "error: "
_OWN_PORTS = (20_000, 32_000)
_TRIES = 20


class RehearsalEngine:
    """The engine's process. It ends when its stdin closes, thus also when we are killed.

    Args:
        environment: Its whole environment.
        cwd: Its working directory.
        port: Where it will listen, None for a free port.
        wrap: Returns the command that runs another under the witnesses.
    """

    def __init__(
        self,
        *,
        environment: Mapping[str, str],
        cwd: Path,
        port: int | None = None,
        wrap: Callable[[Sequence[str]], Sequence[str]] = tuple,
    ) -> None:
        self.port = free_port() if port is None else port
        command = [sys.executable, "-m", "showcase.engines.rehearsal", "--port", str(self.port)]
        self._child = Child(wrap(command), environment=environment, cwd=cwd, read=read_document)
        self.pid = self.spawned_pid = self._child.pid

    def wait_ready(self) -> Endpoint:
        """Return where it listens, once it does.

        Raises:
            EngineError: It ended or did not come up in time; with the last line it wrote.
        """
        try:
            event = self._child.next_event(START_TIMEOUT_S)
        except TimeoutError:
            event = None
        if event is None or event.get("event") != "ready":
            self._child.end()
            said = [line for line in self._child.stderr if line.strip()] or ["it wrote nothing"]
            why = next((line for line in said if line.startswith(_ERROR)), said[-1]).removeprefix(_ERROR)
            raise EngineError(
                f"the rehearsal engine did not start: {why}",
                hint=f"see for yourself: {quoted(Path(sys.executable))} -m showcase.engines.rehearsal --standalone",
            )
        self.pid = int(event.get("pid", self.pid))
        return Endpoint(address=str(event["host"]), port=int(event["port"]))

    @property
    def death(self) -> str | None:
        """How it ended by itself, None while it lives."""
        code = self._child.exit_code
        return None if code is None else f"the rehearsal engine ended by itself ({ending(code)})"

    def end(self) -> None:
        """End it."""
        self._child.close_stdin()
        if self._child.reap(2.0) is None:
            self._child.end()


def free_port() -> int:
    """Return a loopback port that nobody uses now; should another take it first, the engine says so.

    Chosen before the engine starts, because walls have to know it before it is up, and below the ports that systems
    give to connections by themselves (from 32768 on Linux, from 49152 elsewhere): those come and go at any moment.
    """
    for _ in range(_TRIES):
        port = random.randrange(*_OWN_PORTS)  # noqa: S311 - no secret
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
