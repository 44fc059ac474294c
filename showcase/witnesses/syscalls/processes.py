"""Who asks: from the thread that the kernel names to its process, executable and descriptors."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import suppress

from showcase.witnesses.syscalls import kernel, procfs

_KEPT = 256


class Process:
    """One process, held by a pidfd so that a recycled number is not mistaken for it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.pidfd = os.pidfd_open(pid)

    def alive(self) -> bool:
        """Return whether the process that had this number when it was opened still has it."""
        try:
            signal.pidfd_send_signal(self.pidfd, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # another user's, but there
            return True
        return True

    def executable(self) -> str | None:
        """Return the path of what it runs now, None where that cannot be read."""
        return procfs.link(f"{self.pid}/exe")

    def may_be_socket(self, descriptor: int) -> bool:
        """Return whether a descriptor names a socket, without taking hold of what it names."""
        return (procfs.link(f"{self.pid}/fd/{descriptor}") or "").startswith("socket:")

    def socket(self, descriptor: int) -> socket.socket | None:
        """Return a copy of one of its sockets, None where there is none or it cannot be copied."""
        try:
            copy = kernel.copy_descriptor(self.pidfd, descriptor)
        except OSError:
            return None
        try:
            return socket.socket(fileno=copy)
        except OSError:
            os.close(copy)
            return None

    def close(self) -> None:
        """Let go of the process."""
        os.close(self.pidfd)


class Processes:
    """The processes that asked lately, by thread."""

    def __init__(self) -> None:
        self._by_thread: dict[int, Process] = {}

    def of_thread(self, tid: int) -> Process:
        """Return the process of a thread.

        Raises:
            OSError: It is gone.
        """
        known = self._by_thread.get(tid)
        if known is not None:
            if procfs.exists(f"{known.pid}/task/{tid}") and known.alive():
                return known
            self._by_thread.pop(tid).close()
        if len(self._by_thread) >= _KEPT:
            self.close()
        process = Process(procfs.field(f"{tid}/status", b"Tgid"))
        self._by_thread[tid] = process
        return process

    def close(self) -> None:
        """Let go of all of them."""
        for process in self._by_thread.values():
            process.close()
        self._by_thread.clear()


def parent(pid: int) -> int:
    """Return the parent's pid, 0 where the process is gone."""
    try:
        return procfs.state_and_parent(pid)[1]
    except OSError:
        return 0


def is_descendant(pid: int, ancestor: int) -> bool:
    """Return whether `pid` was started by `ancestor` or by one of its descendants."""
    while pid > 1:
        pid = parent(pid)
        if pid == ancestor:
            return True
    return False


def descendants(ancestor: int) -> list[int]:
    """Return every living process below `ancestor`, zombies left out."""
    parents: dict[int, int] = {}
    for pid in procfs.pids():
        with suppress(OSError):
            state, ppid = procfs.state_and_parent(pid)
            if state not in {"Z", "X"}:
                parents[pid] = ppid
    found = {ancestor}
    while True:
        more = {pid for pid, ppid in parents.items() if ppid in found} - found
        if not more:
            return sorted(found - {ancestor})
        found |= more
