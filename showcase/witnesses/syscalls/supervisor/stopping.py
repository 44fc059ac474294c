"""A command that is stopped: its shell is told of it, or it is continued, because nobody else would."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.witnesses.job_control import CONTINUED_AFTER_S, has_job_control, is_stopped, someone_continues, stay_awake
from showcase.witnesses.syscalls import procfs
from showcase.witnesses.syscalls.calls.processes import descendants

if TYPE_CHECKING:
    from showcase.witnesses.syscalls.record.records import Records
    from showcase.witnesses.syscalls.supervisor.tree import Tree

_BETWEEN_LOOKS_S = 0.2
_BETWEEN_SCANS_S = CONTINUED_AFTER_S / 2
"""Who is stopped in one scan and in the next two has been for as long as that."""

_SCANS = 3


class Stops:
    """Looks after what is stopped: the command, whoever waits for it in the terminal, and this process.

    Args:
        tree: The command.
        front: Who waits for us in the command's terminal, None where the command has a session of its own.
        records: Where is written down whom it continued.
    """

    def __init__(self, tree: Tree, front: int | None, records: Records) -> None:
        self._tree = tree
        self._front = front
        self._records = records
        self._parent = os.getppid()
        self._shell_told = False
        self._front_was_stopped = False
        self._since_s: float | None = None
        self._next_look_s = 0.0
        self._next_scan_s = 0.0
        self._scans: dict[int, int] = {}
        signal.signal(signal.SIGCONT, lambda _number, _frame: None)
        stay_awake()

    @property
    def abandoned(self) -> bool:
        """Whether who started us is gone, so that nobody will read what is written down."""
        return os.getppid() != self._parent

    def look(self) -> None:
        """Do what is due; cheap where nothing is."""
        now_s = time.monotonic()
        if self._front is None or now_s < self._next_look_s:
            return
        self._next_look_s = now_s + _BETWEEN_LOOKS_S
        stopped = self._tree.stopped_by is not None
        self._since_s = (self._since_s or now_s) if stopped else None
        if stopped and self._shell_told:
            self._go_on_with(self._front)
        elif self._shell_told:  # somebody continued the command alone
            self.release()
        elif someone_continues(self._front):
            self._scans.clear()
            if stopped:
                self._shell_told = True
                self._front_was_stopped = False
                _send(self._front, signal.SIGSTOP)
        else:
            self._continue(self._front, now_s)

    def release(self) -> None:
        """Continue whoever was stopped together with the command: it ended, or its time is up."""
        self._shell_told = False
        if self._front is not None:
            _send(self._front, signal.SIGCONT)

    def _go_on_with(self, front: int) -> None:
        """Continue the command when its front was continued; the shell does that for both where both are its job."""
        if is_stopped(front):
            self._front_was_stopped = True
        elif self._front_was_stopped:
            self._shell_told = False
            self._tree.send(signal.SIGCONT)

    def _continue(self, front: int, now_s: float) -> None:
        """Continue what nobody else would: our front at once, the command after a while."""
        if is_stopped(front):
            self._records.write("continued", pid=front, exe="showcase")
            _send(front, signal.SIGCONT)
        if self._since_s is not None and now_s - self._since_s >= CONTINUED_AFTER_S:
            self._since_s = None
            # It may have stopped its whole group, and with it those who wait for us.
            with suppress(OSError):
                os.killpg(os.getpgid(front), signal.SIGCONT)
            self._revive(self._tree.child)
        if now_s >= self._next_scan_s and not has_job_control(front):
            self._next_scan_s = now_s + _BETWEEN_SCANS_S
            self._scan()

    def _scan(self) -> None:
        """Continue processes below the command that somebody waits for in vain; a shell's jobs are its own affair."""
        stopped = (pid for pid in descendants(os.getpid()) if is_stopped(pid) and not someone_continues(pid))
        found = {pid: self._scans.get(pid, 0) + 1 for pid in stopped if pid != self._tree.child}
        for pid in [pid for pid, scans in found.items() if scans >= _SCANS]:
            del found[pid]
            self._revive(pid)
        self._scans = found

    def _revive(self, pid: int) -> None:
        self._records.write("continued", pid=pid, exe=procfs.link(f"{pid}/exe") or "?")
        _send(pid, signal.SIGCONT)


def _send(pid: int, number: int) -> None:
    with suppress(OSError):
        os.kill(pid, number)
