"""A child's entry: `python -m showcase.worker --role ROLE --events FILE [--no-hook]`.

Order matters here. The channel for events is taken from stdout before a library could print into it; the
audit hook is installed before anything else is imported; then the process says that it is there and waits, so
that those who watch it are watching before its first import. It gets two orders on stdin, one JSON object a
line: what to import, and what to play. It never judges what it sees.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


class Channel:
    """Writes each event at once to the pipe and to a file: a killed process leaves what it saw."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if path else -1
        self._pipe = os.dup(1)
        os.dup2(2, 1)  # whatever a library prints is no event

    def emit(self, event: dict[str, Any]) -> None:
        """Write one event with the moment it happened, on this machine's monotonic clock."""
        line = json.dumps({**event, "t": time.monotonic()}).encode() + b"\n"
        if self._file >= 0:
            _write(self._file, line)
        try:
            _write(self._pipe, line)
        except BrokenPipeError:
            os._exit(1)  # nobody listens any more: the orchestrator is gone


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _option(arguments: list[str], name: str) -> str:
    return arguments[arguments.index(name) + 1] if name in arguments else ""


def main(arguments: list[str] | None = None) -> int:
    """Do what the orchestrator orders; return the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    channel = Channel(_option(arguments, "--events"))
    hooked = "--no-hook" not in arguments
    if hooked:
        from showcase.witnesses import recorder  # noqa: PLC0415 - installed before anything else is imported

        recorder.install(channel.emit)
    channel.emit({"event": "spawned", "pid": os.getpid(), "ppid": os.getppid(), "hook": hooked})
    prepare = sys.stdin.readline()
    if not prepare:
        return 0

    from showcase.scenes import prepare_scene  # noqa: PLC0415 - only under the eyes of the witnesses
    from showcase.scenes.stage import Stage  # noqa: PLC0415 - likewise

    try:
        play = prepare_scene(json.loads(prepare)["scene"])
        channel.emit({"event": "imported"})
        order = sys.stdin.readline()
        if order:
            play(Stage(task=json.loads(order), emit=channel.emit))
    except Exception as error:
        fault = {"event": "fault", "kind": type(error).__name__, "message": str(error)}
        channel.emit({**fault, "hint": getattr(error, "hint", "")})
        if "--verbose" in arguments:
            raise
        return int(getattr(error, "exit_code", 1))
    channel.emit({"event": "exit"})
    return 0


if __name__ == "__main__":
    sys.exit(main())
