"""A worker as its parent has it: asked by lines of JSON, and ended with the block that opened it."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

from showcase.processes.environment import build
from showcase.settings.store_secret import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from showcase.bench.stores.readers import Opening

OPEN_S = 120.0
ANSWER_S = 120.0
_CLOSE_S = 30.0


class RefusedError(Exception):
    """The store, or whoever uses it, refused what was asked, or raised; the message is its own, on one line."""


class SilentError(RefusedError):
    """The process ended, or did not answer in time."""


class Program:
    """One process that uses a store.

    Attributes:
        opened_s: How long opening the store took it, without imports.
        imported_s: How long it imported what it needs.
        pid: Its process id.
    """

    def __init__(self, child: subprocess.Popen[str], doing: Callable[[str], None], hidden: str) -> None:
        self._child = child
        self._doing = doing
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        assert child.stdout is not None  # noqa: S101 - it is a pipe
        threading.Thread(target=_read, args=(child.stdout, self._lines, hidden), daemon=True).start()
        self.pid = child.pid
        self.opened_s = self.imported_s = 0.0

    def greet(self) -> None:
        """Wait until it has opened the store.

        Raises:
            RefusedError: It cannot.
        """
        said = self.receive(OPEN_S)
        self.opened_s, self.imported_s = said["opened_s"], said["imported_s"]

    def ask(self, do: str, *, within_s: float = ANSWER_S, **order: object) -> dict[str, Any]:
        """Order something, and return what it answers.

        Raises:
            RefusedError: It was refused, or failed.
        """
        self.send(do, **order)
        return self.receive(within_s)

    def send(self, do: str, **order: object) -> None:
        """Order something whose answer is to be received later."""
        assert self._child.stdin is not None  # noqa: S101 - it is a pipe
        try:
            self._child.stdin.write(json.dumps({"do": do, **order}) + "\n")
            self._child.stdin.flush()
        except OSError as error:
            raise SilentError(f"the process ended with {self._child.poll()}") from error

    def receive(self, within_s: float = ANSWER_S) -> dict[str, Any]:
        """Return the next answer.

        Raises:
            RefusedError: See `ask`.
        """
        until = time.monotonic() + within_s
        while True:
            try:
                said = self._lines.get(timeout=max(0.0, min(0.5, until - time.monotonic())))
            except queue.Empty:
                self._doing("waiting for a process")  # where a minute's limit is noticed
                if time.monotonic() > until:
                    raise SilentError(f"it did not answer within {within_s:g} s") from None
                continue
            if said is None:
                raise SilentError(f"the process ended with {self._child.wait()}")
            if "doing" in said:
                self._doing(said["doing"])
            elif "error" in said:
                raise RefusedError(said["error"])
            else:
                return said

    def close(self) -> None:
        """Let it close the store, and wait for its end."""
        self.ask("close", within_s=_CLOSE_S)
        self._child.wait(_CLOSE_S)


@contextmanager
def opened(
    opening: Opening, secret: str | None, place: Path, *, doing: Callable[[str], None], waits: bool = True
) -> Iterator[Program]:
    """Start a process that opens a store, and end it with the block.

    Args:
        opening: See `readers.Opening`.
        secret: Password of its server; it goes into the process's environment, which nobody else reads.
        place: A directory of ours, which errors do not tell.
        doing: Is told what it does.
        waits: Whether to wait until the store is open; else `greet` does.

    Raises:
        RefusedError: The store cannot be opened.
    """
    home = place / "home"
    home.mkdir(exist_ok=True)
    environment, _ = build(mem0_home=home)
    environment |= {SECRET: secret} if secret else {}
    command = [sys.executable, "-m", "showcase.bench.stores.worker", json.dumps(asdict(opening))]
    with (
        (place / "worker.log").open("a", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            encoding="utf-8",
            env=environment,
            cwd=home,
        ) as child,
    ):
        program = Program(child, doing, str(place))
        try:
            if waits:
                program.greet()
            yield program
            if child.poll() is None:
                program.close()
        except SilentError as error:
            raise SilentError(f"{error}; it said: {_last(place / 'worker.log', place)}") from error
        finally:
            child.kill()


def _read(stdout: IO[str], lines: queue.Queue[dict[str, Any] | None], hidden: str) -> None:
    """Read until the end; the place where a store of one step lay tells nobody anything."""
    for line in stdout:
        lines.put(json.loads(line.replace(hidden, "…")))
    lines.put(None)


def _last(log: Path, place: Path) -> str:
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:] or ["nothing"]
    return said[0].replace(str(place), "…")[:400]
