"""Which processes have come from this one, looked at again and again."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress

from showcase.processes.orphans import family

ANEW_S = 1.0
"""How often every process is asked for its parent again. In between only those are that are new, or whose parent has
gone: a number would have to come round within this time to be taken for the process that had it before."""


class ProcessTree:
    """Tells the pids of this process and of its living descendants.

    On Linux from `/proc`, where a look costs a listing of it; elsewhere from the system's own table.
    """

    def __init__(self) -> None:
        self._root = os.getpid()
        self._parents: dict[int, int] = {}
        self._asked_at = float("-inf")

    def pids(self) -> list[int]:
        """Return them, the root first."""
        if sys.platform != "linux":
            return [self._root, *(process.pid for process in family())]
        self._look()
        children: dict[int, list[int]] = {}
        for pid, parent in self._parents.items():
            children.setdefault(parent, []).append(pid)
        found = [self._root]
        for pid in found:  # it grows while it is gone through
            found += children.get(pid, ())
        return found

    def _look(self) -> None:
        present = {int(name) for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208 - many times a second
        now = time.monotonic()
        if now - self._asked_at >= ANEW_S:
            self._asked_at = now
            self._parents = {}
        known = {pid: parent for pid, parent in self._parents.items() if pid in present and parent in present}
        for pid in present - known.keys():
            with suppress(OSError, ValueError):  # it has gone
                known[pid] = _parent(pid)
        self._parents = known


def _parent(pid: int) -> int:
    """Return the pid of a process's parent: the second field behind its name in proc_pid_stat(5)."""
    with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - as above
        text = file.read()
    return int(text[text.rindex(b")") + 2 :].split(None, 2)[1])
