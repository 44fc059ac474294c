"""Starts `ollama serve` as a process of the run: on loopback, its cloud part off, in a home of its own."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.engines import keeper
from showcase.engines.models.found.ollama import SERVICE_MODELS
from showcase.engines.ollama import OllamaGate
from showcase.errors import EngineError, ModelError
from showcase.evidence import Endpoint
from showcase.processes.child import Child, Document, read_document
from showcase.processes.environment import of_ollama
from showcase.shell import here
from showcase.shell.endings import ending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

START_TIMEOUT_S = 60.0
END_TIMEOUT_S = keeper.TERM_GRACE_S + 5.0
_BETWEEN_LOOKS_S = 0.1
_LAST_BYTES = 4096


def find(program: str) -> str:
    """Return the path of the program.

    Raises:
        EngineError: There is none of that name.
    """
    found = shutil.which(program)
    if found is None:
        what = f"{program} is there, but no program" if Path(program).exists() else f"there is no program {program}"
        raise EngineError(
            f"{what} to start",
            hint="install Ollama (ollama.com), or say where it is: --start-ollama=/path/to/ollama",
        )
    return str(Path(found).absolute())


def check_port(port: int) -> None:
    """Make sure that a server can be started at a port of 127.0.0.1; 0 is always free.

    Raises:
        EngineError: Somebody listens there, or this user may not.
    """
    try:
        # As servers do it: a port that was just left is free.
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise EngineError(
            f"no server can be started at 127.0.0.1:{port}: {error.strerror or error}",
            hint="leave out --ollama-host for a free port; or use the server that is there: the same command without "
            "--start-ollama",
        ) from error


def models_directory(base: Mapping[str, str], home: Path | None) -> Path:
    """Return where the models lie: `OLLAMA_MODELS`, else the user's own, else those of the system's service.

    Args:
        base: The user's environment.
        home: The user's home directory, None where the user has none.

    Raises:
        ModelError: There are none, or they may not be read.
    """
    named = base.get("OLLAMA_MODELS")
    own = () if home is None else (home / ".ollama" / "models",)
    places: tuple[Path, ...] = (Path(named),) if named else (*own, SERVICE_MODELS)
    for place in places:
        if _holds_models(place):
            return place.absolute()
    raise ModelError(
        f"there are no models in {' or '.join(map(str, places))}, or they may not be read",
        hint="with Ollama running: ollama pull nomic-embed-text; ollama pull qwen3:4b-instruct; "
        "or where models lie elsewhere: "
        + here().with_variables({"OLLAMA_MODELS": "DIR"}, "showcase run --start-ollama"),
    )


def _answers(gate: OllamaGate) -> bool:
    try:
        gate.version()
    except EngineError:
        return False
    return True


def _holds_models(place: Path) -> bool:
    try:
        return any(path.is_file() for path in (place / "manifests").rglob("*"))
    except OSError:  # may not be read
        return False


class StartedOllama:
    """The server's processes. They end when we do.

    Args:
        program: Path of `ollama`.
        port: Where it will listen, on 127.0.0.1.
        base: The environment that it gets beside what is forced on it.
        models: Where the models lie; they are read.
        cwd: Its working directory, and its home in it; ours, and removed after the run.
        log: Where what it prints goes.
        wrap: Returns the command that runs another under the witnesses.
    """

    def __init__(
        self,
        program: str,
        *,
        port: int,
        base: Mapping[str, str],
        models: Path,
        cwd: Path,
        log: Path,
        wrap: Callable[[Sequence[str]], Sequence[str]] = tuple,
    ) -> None:
        self.port = port
        self._endpoint = Endpoint(address="127.0.0.1", port=port)
        self._log = log
        self._program = program
        # A home of its own: it makes its keys there, and finds neither the user's key nor the user's settings.
        home = cwd / "ollama-home"
        home.mkdir(mode=0o700, exist_ok=True)
        command = (sys.executable, "-I", "-S", keeper.__file__, str(log), str(home), program, "serve")
        environment = of_ollama(base, endpoint=self._endpoint, models=models, home=home)
        self._child = Child(wrap(command), environment=environment, cwd=cwd, read=read_document)
        self.pid = self.spawned_pid = self._child.pid

    def wait_ready(self) -> Endpoint:
        """Return where it listens, once it answers.

        Raises:
            EngineError: It ended or did not answer in time; with the last line it wrote.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        first = self._heard(START_TIMEOUT_S)
        if first is None or first.get("event") != "keeping":
            raise self._failure(None)
        self.pid = int(first["pid"])
        gate = OllamaGate(self._endpoint)
        try:
            while self._child.exit_code is None and time.monotonic() < deadline:
                if _answers(gate):
                    return self._endpoint
                time.sleep(_BETWEEN_LOOKS_S)
        finally:
            gate.close()
        if self._child.exit_code is None:
            raise self._failure(f"it did not answer within {START_TIMEOUT_S:.0f} s")
        raise self._failure(None)

    def _heard(self, timeout_s: float) -> Document | None:
        """Return the keeper's next event, None where it said nothing in time, or no more."""
        try:
            return self._child.next_event(timeout_s)
        except TimeoutError:
            return None

    @property
    def death(self) -> str | None:
        """How it ended by itself and what it printed last; None while it lives."""
        code = self._child.exit_code
        if code is None:
            return None
        last = next((line.strip() for line in reversed(self._printed()) if line.strip()), "it printed nothing")
        return f"{self._program} serve ended by itself ({ending(code)}): {last}; its log: {self._log}"

    def end(self) -> None:
        """End it, and what it started."""
        self._child.close_stdin()
        if self._child.reap(END_TIMEOUT_S) is None:
            self._child.end()
        self._child.end_left_behind()  # a server that cannot be asked to end leaves those that run its models

    def _failure(self, why: str | None) -> EngineError:
        self.end()
        heard = self._heard(0.0) or {}
        said = [line.strip() for line in (*self._child.stderr, *self._printed()) if line.strip()]
        last = f"; it wrote last: {said[-1]}" if said else "; it wrote nothing"
        ended = heard.get("status", self._child.exit_code or 0)
        reason = why or heard.get("why") or f"it ended with {ending(ended)}"
        return EngineError(
            f"`{Path(self._program).name} serve` did not start: {reason}{last}",
            hint=f"read all of what it wrote: {here().page_by_page(self._log)}"
            if self._printed()
            else "see for yourself: "
            + here().with_variables(
                {"OLLAMA_NO_CLOUD": "1", "OLLAMA_HOST": str(self._endpoint)},
                f"{here().program(Path(self._program))} serve",
            ),
        )

    def _printed(self) -> list[str]:
        try:
            with self._log.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - _LAST_BYTES))
                return file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return []
