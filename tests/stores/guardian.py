"""Runs a server for as long as another process lives: `guardian.py OWNER SIGNAL DATA COMMAND…`.

The server ends with its owner, however that ends, and when this process is told to; its data go with it. A process of
its own, because the one that needs the server may be killed, and several may share it.
"""

from __future__ import annotations

import contextlib
import ctypes
import shutil
import signal
import subprocess
import sys
import time

import psutil

POLL_S = 0.2
PATIENCE_S = 5
_PR_SET_PDEATHSIG = 1
"""Source: prctl(2)."""


def guard(owner: int, ending: int, data: str, command: list[str]) -> int:
    """Run the command until the owner is gone; returns its exit status.

    Args:
        owner: the process for whose sake the server runs.
        ending: the signal that asks the server to end.
        data: the directory that is removed after it.
        command: the server in the foreground; it inherits environment, output and error.
    """
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: told.append(number))
    try:
        whose = psutil.Process(owner)
    except psutil.NoSuchProcess:
        return 1
    # One thread and nothing open: what has to be looked at before something runs between fork and exec.
    server = subprocess.Popen(command, preexec_fn=lambda: _end_with_parent(ending))  # noqa: PLW1509 - see above
    while server.poll() is None and not told and _lives(whose):
        time.sleep(POLL_S)
    if server.poll() is None:
        server.send_signal(ending)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(PATIENCE_S)
        server.kill()
    server.wait()
    shutil.rmtree(data, ignore_errors=True)
    return server.returncode


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _end_with_parent(ending: int) -> None:
    """Have the kernel send the signal when this guardian is killed; other systems than Linux have no such thing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, ending, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(guard(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]))
