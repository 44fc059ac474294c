"""Keeps a server of another program for as long as somebody wants it: `python keeper.py LOG HOME PROGRAM ARGUMENTS…`.

A process between us and the server, with nothing but the standard library. The server ends when the keeper's standard
input does, so also when whoever started it is killed; HOME, which holds its keys, goes with it. What the server prints
goes to LOG. The keeper's standard output
has events, a JSON object a line: `keeping` with the keeper's pid, before anything of the server runs; `failed` and why,
where it cannot be started; and `ended` with its status.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading

TERM_GRACE_S = 10.0
"""Time that a server gets to unload its models, before it is killed."""

_NOT_FOUND = 127
_PERIOD_S = 0.05
_STDIN, _STDOUT = 0, 1


def keep(log: str, home: str, command: list[str]) -> int:
    """Run the server until it ends, standard input does, or a TERM comes; return its exit status as a shell has it."""
    unwanted = threading.Event()
    # Before the server is there: who ends us now must not leave it behind.
    signal.signal(signal.SIGTERM, lambda _number, _frame: unwanted.set())
    _say(event="keeping", pid=os.getpid())
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=descriptor, stderr=descriptor)
    except OSError as error:
        _say(event="failed", why=error.strerror or str(error))
        return _NOT_FOUND
    os.close(descriptor)
    threading.Thread(target=_until_stdin_ends, args=(unwanted,), daemon=True).start()
    while server.poll() is None and not unwanted.wait(_PERIOD_S):
        pass
    status = _ended(server)
    shutil.rmtree(home, ignore_errors=True)
    _say(event="ended", status=status)
    return 128 - status if status < 0 else status


def _ended(server: subprocess.Popen[bytes]) -> int:
    """End it where it still runs, politely, then not; return its status."""
    if server.poll() is None:
        server.terminate()
    try:
        return server.wait(TERM_GRACE_S)
    except subprocess.TimeoutExpired:
        server.kill()
        return server.wait()


def _until_stdin_ends(unwanted: threading.Event) -> None:
    try:
        while os.read(_STDIN, 4096):
            pass
    finally:
        unwanted.set()


def _say(**event: object) -> None:
    try:
        os.write(_STDOUT, json.dumps(event).encode() + b"\n")
    except OSError:  # nobody listens any more
        return


if __name__ == "__main__":
    sys.exit(keep(sys.argv[1], sys.argv[2], sys.argv[3:]))
