"""The processes below the supervisor: signals go to them, none is lost, none is left behind."""

from __future__ import annotations

import os
import resource
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import kernel, procfs
from showcase.witnesses.syscalls.calls.processes import descendants, parent

if TYPE_CHECKING:
    from collections.abc import Callable

FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
_BETWEEN_ROUNDS_S = 0.05
_TERM_TO_KILL_S = 0.5
_LOOK = os.WEXITED | os.WSTOPPED | os.WCONTINUED | os.WNOHANG | os.WNOWAIT
_ALIVE = frozenset({os.CLD_STOPPED, os.CLD_CONTINUED, os.CLD_TRAPPED})


def become_reaper() -> None:
    """Make this process the parent of every orphan below it: a double fork does not leave the tree."""
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


class Tree:
    """A child and everything that it started.

    Args:
        child: Its pid.
        before_end: Called when the child has ended, before the kernel forgets it.
    """

    def __init__(self, child: int, *, before_end: Callable[[], None] = lambda: None) -> None:
        self.child = child
        self.before_end = before_end
        self.stopped_by: int | None = None
        """The signal that stopped the child, None while it is not stopped."""
        self.status: int | None = None
        """Wait status of the child, None while it lives."""
        self.gone = False
        """Whether no process of the tree is left."""

    def forward_signals(self) -> None:
        """Pass on what is sent to us; we end when the tree does."""
        for number in FORWARDED:
            signal.signal(number, lambda received, _frame: self.send(received))

    def send(self, number: int) -> None:
        """Send a signal to the child, or to what it left behind."""
        if self.status is None:
            os.kill(self.child, number)
        else:  # the child is gone already: whoever stops us means what it left behind
            for pid in descendants(os.getpid()):
                _kill(pid, number)

    def reap(self) -> None:
        """Take leave of every process that ended, and take note of a child that was stopped or goes on."""
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, _LOOK)
                if found is None:
                    return
                if found.si_pid == self.child and found.si_code not in _ALIVE:
                    self.before_end()  # while the kernel still knows it
                pid, status = os.waitpid(found.si_pid, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            except ChildProcessError:
                self.gone = True
                return
            if pid != self.child:
                continue
            if os.WIFSTOPPED(status) or os.WIFCONTINUED(status):
                self.stopped_by = os.WSTOPSIG(status) if os.WIFSTOPPED(status) else None
            else:
                self.status = status
                self.stopped_by = None

    def living(self) -> list[tuple[int, int, str]]:
        """Return pid, parent and executable of every process of the tree that lives."""
        below = descendants(os.getpid())
        return [(pid, parent(pid), procfs.link(f"{pid}/exe") or "?") for pid in below]

    def end(self, meanwhile: Callable[[], None]) -> None:
        """End what is left of the tree: TERM, then KILL until nothing answers.

        Args:
            meanwhile: Called between rounds; answers the questions of those who are about to end.
        """
        number, until = signal.SIGTERM, time.monotonic() + _TERM_TO_KILL_S
        while not self.gone:
            for pid in descendants(os.getpid()):
                _kill(pid, number)
            round_ends = min(until, time.monotonic() + _BETWEEN_ROUNDS_S)
            meanwhile()
            while not self.gone and time.monotonic() < round_ends:
                meanwhile()
                self.reap()
            if time.monotonic() >= until:
                number, until = signal.SIGKILL, time.monotonic() + _BETWEEN_ROUNDS_S
            self.reap()


def _kill(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def end_like(status: int) -> None:
    """End this process as that one ended: with its exit status, or by its signal."""
    if os.WIFEXITED(status):
        os._exit(os.WEXITSTATUS(status))
    number = os.WTERMSIG(status)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the child's core dump was the one that mattered
    signal.signal(number, signal.SIG_DFL) if number != signal.SIGKILL else None
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    os._exit(128 + number)
