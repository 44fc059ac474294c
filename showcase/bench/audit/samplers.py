"""The two tools that people watch sockets with, as loops: `python -m showcase.bench.audit.samplers TOOL PID`.

Each looks at the tree below PID until stdin is closed. It prints a line when it has looked once, and at the end the
remote ports that it saw as a JSON list.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import psutil

from showcase.processes.table import UNTOLD

if TYPE_CHECKING:
    from collections.abc import Callable

PERIOD_S = 0.05
_REMOTE_PORT = re.compile(r"->\S+:(\d+)")


def _tree(root: int) -> list[psutil.Process]:
    with contextlib.suppress(*UNTOLD):
        process = psutil.Process(root)
        return [process, *process.children(recursive=True)]
    return []


def by_psutil(root: int) -> set[int]:
    """Return the remote ports that one look through psutil shows."""
    ports: set[int] = set()
    for process in _tree(root):
        with contextlib.suppress(*UNTOLD):
            ports |= {row.raddr.port for row in process.net_connections(kind="inet") if row.raddr}
    return ports


def by_lsof(root: int) -> set[int]:
    """Return the remote ports that one run of lsof shows."""
    lsof = shutil.which("lsof")
    pids = ",".join(str(process.pid) for process in _tree(root))
    if lsof is None or not pids:
        return set()
    listed = subprocess.run([lsof, "-nP", "-a", "-i", "-p", pids], capture_output=True, text=True, check=False)
    return {int(port) for port in _REMOTE_PORT.findall(listed.stdout)}


TOOLS: dict[str, tuple[Callable[[int], set[int]], float]] = {"psutil": (by_psutil, PERIOD_S), "lsof": (by_lsof, 0.0)}
"""How each looks, and the pause between two looks in seconds; lsof runs back to back."""


def main() -> None:
    """Look until stdin is closed."""
    look, pause_s = TOOLS[sys.argv[1]]
    over = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        over.set()

    threading.Thread(target=wait, daemon=True).start()
    seen: set[int] = set()
    root = int(sys.argv[2])
    seen |= look(root)
    sys.stdout.write("looking\n")
    sys.stdout.flush()
    while not over.wait(pause_s):
        seen |= look(root)
    sys.stdout.write(json.dumps(sorted(seen)) + "\n")


if __name__ == "__main__":
    main()
