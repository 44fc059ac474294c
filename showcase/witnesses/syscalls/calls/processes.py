"""Who asks: from the thread that the kernel names to its process, executable and descriptors."""

from __future__ import annotations

import errno
import os
import signal
import socket
from contextlib import suppress

from showcase.witnesses.syscalls import kernel, procfs

_KEPT = 256
_THE_CALLERS = (errno.EBADF, errno.ENOTSOCK)


class NotASocket(Exception):  # noqa: N818 - an answer about another process, not an error of ours
    """The caller has no such descriptor, or it names no socket; `error` is what the kernel would say."""

    def __init__(self, error: int) -> None:
        super().__init__(errno.errorcode[error])
        self.error = error


class Process:
    """One thread with its process, held by a pidfd so that a recycled number is not mistaken for it."""

    def __init__(self, tid: int) -> None:
        self.tid = tid
        self.pid = procfs.field(f"{tid}/status", b"Tgid")
        self._table = _table_of(tid, self.pid)
        """A pidfd through which the thread's own descriptors are reached: a thread may have a table of its own, and
        may outlive the one that leads its process."""

    def alive(self) -> bool:
        """Return whether the thread that had this number when it was opened still has it."""
        try:
            signal.pidfd_send_signal(self._table, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # another user's, but there
            return True
        return True

    def executable(self) -> str | None:
        """Return the path of what it runs now, None where that cannot be read."""
        return procfs.link(f"{self.tid}/exe")

    def may_be_socket(self, descriptor: int) -> bool:
        """Return whether a descriptor names a socket, without taking hold of what it names.

        Raises:
            OSError: It may not be looked at.
        """
        try:
            return os.readlink(f"/proc/{self.tid}/fd/{descriptor}").startswith("socket:")  # noqa: PTH115 - as in procfs
        except FileNotFoundError:
            return False

    def copy(self, descriptor: int) -> int:
        """Return a copy of one of its descriptors.

        Raises:
            OSError: EBADF where it has none; else it cannot be copied.
        """
        return kernel.copy_descriptor(self._table, descriptor)

    def socket(self, descriptor: int) -> socket.socket:
        """Return a copy of one of its sockets.

        Raises:
            NotASocket: It has no such descriptor, or it names something else.
            OSError: It cannot be copied.
        """
        copy = -1
        try:
            copy = self.copy(descriptor)
            return socket.socket(fileno=copy)
        except OSError as error:
            if copy >= 0:
                os.close(copy)
            if error.errno in _THE_CALLERS:
                raise NotASocket(error.errno) from error
            raise

    def alone(self) -> bool:
        """Return whether nobody but this thread, which waits for us, can have its descriptors name something else.

        No other thread has its table, in its process or in another of the tree (`CLONE_FILES`). Where that cannot be
        told, somebody has.
        """
        try:
            if len(os.listdir(f"/proc/{self.pid}/task")) > 1:  # noqa: PTH208 - as in procfs
                return False
            others = [other for other in descendants(os.getpid(), zombies=True) if other != self.pid]
            threads = (int(each) for other in others for each in os.listdir(f"/proc/{other}/task"))  # noqa: PTH208
            return not any(kernel.share_descriptors(self.tid, thread) for thread in threads)
        except OSError:
            return False

    def signal(self, number: int) -> None:
        """Send a signal to the thread (before Linux 6.9 to its process).

        Raises:
            OSError: It is gone.
        """
        signal.pidfd_send_signal(self._table, number)

    def close(self) -> None:
        """Let go of the process."""
        os.close(self._table)


def _table_of(tid: int, pid: int) -> int:
    """Return a pidfd whose table of descriptors is that of the thread.

    Raises:
        OSError: The thread is gone, or (before Linux 6.9) its table cannot be told from its leader's.
    """
    try:
        return kernel.open_thread(tid)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    if tid != pid and not kernel.share_descriptors(tid, pid):
        raise OSError(errno.EXDEV, "a thread with descriptors of its own, on a kernel that gives its leader's")
    return os.pidfd_open(pid)


class Processes:
    """The threads that asked lately."""

    def __init__(self) -> None:
        self._by_thread: dict[int, Process] = {}

    def of_thread(self, tid: int) -> Process:
        """Return a thread's process.

        Raises:
            OSError: It is gone, or its descriptors cannot be reached.
        """
        known = self._by_thread.get(tid)
        if known is not None:
            if known.alive():
                return known
            self._by_thread.pop(tid).close()
        if len(self._by_thread) >= _KEPT:
            self.close()
        process = Process(tid)
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


def descendants(ancestor: int, *, zombies: bool = False) -> list[int]:
    """Return every living process below `ancestor`.

    Args:
        ancestor: Its pid.
        zombies: Whether those whose first thread has ended belong to them; others of their threads may live.
    """
    parents: dict[int, int] = {}
    for pid in procfs.pids():
        with suppress(OSError):
            state, ppid = procfs.state_and_parent(pid)
            if zombies or state not in {"Z", "X"}:
                parents[pid] = ppid
    found = {ancestor}
    while True:
        more = {pid for pid, ppid in parents.items() if ppid in found} - found
        if not more:
            return sorted(found - {ancestor})
        found |= more
