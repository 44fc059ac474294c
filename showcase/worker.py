"""A child's entry: `python -m showcase.worker --role ROLE --events FILE [--no-hook]`.

Order matters here. The channel for events is taken from stdout before a library could print into it, and the orders
from stdin before one could ask for it; the audit hook is installed before anything else is imported; then the process
says that it is there and waits, so that those who watch it are watching before it imports what is not its own. Its
orders and events are those of `showcase.processes.protocol`. It never judges what it sees.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from showcase.documents import broken_pipe
from showcase.processes import standard_input

if TYPE_CHECKING:
    from showcase.processes.protocol.events import Event
    from showcase.processes.protocol.orders import Order


class Channel:
    """Writes each event at once to the pipe and to a file: a killed process leaves what it saw."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if path else -1
        self._pipe = os.dup(1)
        self._lock = threading.Lock()
        self.lost: OSError | None = None
        os.dup2(2, 1)  # whatever a library prints is no event

    def emit(self, event: Event) -> None:
        """Write one event with the moment it happened, on this machine's monotonic clock."""
        from showcase.processes.protocol.wire import document  # noqa: PLC0415 - after the audit hook

        self.write(document(event))

    def write(self, event: dict[str, Any]) -> None:
        """Write the document of an event, likewise."""
        line = json.dumps({**event, "t": time.monotonic()}).encode() + b"\n"
        with self._lock:  # two threads must not tear each other's lines
            self._write(line)

    def _write(self, line: bytes) -> None:
        if self._file >= 0:
            try:
                _write(self._file, line)
            except OSError as error:  # the disk is full; the pipe still carries what happens
                self.lost = error
                self._file = -1
        try:
            _write(self._pipe, line)
        except OSError as error:
            if not broken_pipe.is_one(error):
                raise
            os._exit(1)  # nobody listens any more: the orchestrator is gone

    def check(self) -> None:
        """Raise `StoreError` where the file does not hold all that was said."""
        if self.lost is not None:
            from showcase.errors import StoreError  # noqa: PLC0415 - after the audit hook
            from showcase.shell import here  # noqa: PLC0415 - likewise

            raise StoreError(
                f"its events could not be written: {self.lost.strerror}", hint=f"free space: {here().free_space()}"
            )

    def fault(self, error: Exception) -> None:
        """Say what ended this process early."""
        from showcase.processes.protocol.events import Faulted  # noqa: PLC0415 - after the audit hook

        self.emit(Faulted(kind=type(error).__name__, message=str(error), hint=str(getattr(error, "hint", ""))))


class Orders:
    """Reads orders in a thread, so that a scene that waits for a server notices the orchestrator's death.

    While a scene plays, their end means just that: the process leaves at once. It reads the descriptor itself,
    because a thread that sits in `sys.stdin` would trip the interpreter's shutdown.

    Args:
        descriptor: Where they come from.
    """

    def __init__(self, descriptor: int) -> None:
        import queue  # noqa: PLC0415 - after the audit hook

        self._descriptor = descriptor
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._playing = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        rest = b""
        while data := os.read(self._descriptor, 65536):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._lines.put(line)
        if self._playing:
            os._exit(1)
        self._lines.put(b"")

    def next(self) -> bytes:
        """Return the next order, nothing where none will come."""
        return self._lines.get()

    def play(self) -> bytes:
        """Return the order to play; from here on the process does not outlive the orchestrator."""
        order = self.next()
        self._playing = bool(order)
        return order


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _option(arguments: list[str], name: str) -> str:
    return arguments[arguments.index(name) + 1] if name in arguments else ""


def main(arguments: list[str] | None = None) -> int:
    """Do what the orchestrator orders; return the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    channel = Channel(_option(arguments, "--events"))
    descriptor = standard_input.take()
    hooked = "--no-hook" not in arguments
    if hooked:
        from showcase.witnesses import recorder  # noqa: PLC0415 - installed before anything else is imported

        recorder.install(channel.write)
    from showcase import __version__  # noqa: PLC0415 - after the audit hook
    from showcase.processes.protocol.events import Exit, Imported, Spawned  # noqa: PLC0415 - likewise

    channel.emit(Spawned(pid=os.getpid(), ppid=os.getppid(), hook=hooked, version=__version__))
    orders = Orders(descriptor)
    prepare = orders.next()
    if not prepare:
        return 0

    from showcase.processes.protocol.wire import read_order  # noqa: PLC0415 - only under the eyes of the witnesses
    from showcase.scenes import play, prepare_scene  # noqa: PLC0415 - likewise

    def wait() -> Order | None:
        order = orders.next()
        return read_order(order) if order else None

    try:
        prepare_scene(read_order(prepare))
        channel.emit(Imported())
        order = orders.play()
        if order:
            play(read_order(order), emit=channel.emit, wait=wait)
        channel.check()
    except Exception as error:
        channel.fault(error)
        if "--verbose" in arguments:
            raise
        return int(getattr(error, "exit_code", 1))
    channel.emit(Exit())
    return 0


if __name__ == "__main__":
    sys.exit(main())
