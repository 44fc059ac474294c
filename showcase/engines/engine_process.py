"""An engine of this program's own as a process, on a free loopback port: started, waited for, ended."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.errors import EngineError
from showcase.evidence import Endpoint
from showcase.processes.child import Child, read_document
from showcase.shell.endings import ending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from showcase.errors import ShowcaseError
    from showcase.processes.child import Document

START_TIMEOUT_S = 60.0

_ERROR, _HINT = "error: ", "hint: "
_OWN_PORTS = (20_000, 32_000)
_TRIES = 20
_STRETCH_S = 60.0
"""How long is waited at once for an end that may never come."""

_KILLED = (-9, 137)
"""SIGKILL, of the process itself or as its supervisor passes it on; Windows does not have it."""

_LAST_WORDS_S = 2.0
"""Time that a process gets to end once it has closed its pipe."""


class EngineProcess:
    """The engine's process. It ends when its stdin closes, thus also when we are killed.

    Args:
        called: What it is, for a sentence.
        command: What runs it; the port is added.
        see: What a person types to see why it does not start.
        environment: Its whole environment.
        cwd: Its working directory.
        port: Where it will listen, None for a free port.
        wrap: Returns the command that runs another under the witnesses.
    """

    def __init__(
        self,
        called: str,
        command: Sequence[str],
        *,
        see: str,
        environment: Mapping[str, str],
        cwd: Path,
        port: int | None = None,
        wrap: Callable[[Sequence[str]], Sequence[str]] = tuple,
    ) -> None:
        self._called = called
        self._see = see
        self.port = free_port() if port is None else port
        whole = [*command, "--port", str(self.port)]
        self._child = Child(wrap(whole), environment=environment, cwd=cwd, read=read_document)
        self.pid = self.spawned_pid = self._child.pid

    def wait_ready(self) -> Endpoint:
        """Return where it listens, once it does.

        Raises:
            EngineError: It ended or did not come up in time; with the last line it wrote.
        """
        limit_s = START_TIMEOUT_S
        loading: Document = {}
        while True:
            try:
                event = self._child.next_event(limit_s)
            except TimeoutError:
                event = None
            if event is None or event.get("event") != "loading":
                break
            loading = event
            # It ends by itself when that is over; then there is nothing to wait for.
            limit_s = START_TIMEOUT_S + float(event.get("limit_s", 0.0))
        if event is None or event.get("event") != "ready":
            raise self._not_started(loading)
        self.pid = int(event.get("pid", self.pid))
        return Endpoint(address=str(event["host"]), port=int(event["port"]))

    def _not_started(self, loading: Document) -> ShowcaseError:
        self._child.reap(_LAST_WORDS_S)
        code = self._child.exit_code
        self._child.end()
        said = [line for line in self._child.stderr if line.strip()]
        why = next((line.removeprefix(_ERROR) for line in said if line.startswith(_ERROR)), None)
        hint = next((line.removeprefix(_HINT) for line in said if line.startswith(_HINT)), None)
        if why is not None and hint is not None:
            return EngineError(why, hint=hint)
        if why is None and loading:
            how = "was ended, because it did not get ready in time" if code is None else f"ended ({ending(code)})"
            why = "the file is damaged, its template for chats is made to do harm, or memory is short"
            if code in _KILLED:
                why = "the system ends so whoever takes too much memory; or somebody did it"
            return EngineError(
                f"{self._called} {how} while it loaded {loading.get('file')}: {why}",
                hint="look at the file: showcase models list --digest, and take another model",
            )
        last = said[-1] if said else "it wrote nothing"
        return EngineError(f"{self._called} did not start: {why or last}", hint=f"see for yourself: {self._see}")

    @property
    def death(self) -> str | None:
        """How it ended by itself, None while it lives."""
        code = self._child.exit_code
        return None if code is None else f"{self._called} ended by itself ({ending(code)})"

    def wait(self) -> int:
        """Wait for its end, however long; return its exit status."""
        while (code := self._child.reap(_STRETCH_S)) is None:
            pass
        return code

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
