"""Whether the command was run at all: the kernel says it, no exit status does, which a command may have itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import procfs
from showcase.witnesses.syscalls.filter.launch import why_not_run

if TYPE_CHECKING:
    from showcase.witnesses.syscalls.record.records import Records

_FORKED_ONLY = 0x40
"""PF_FORKNOEXEC of `include/linux/sched.h`: a process that was forked and has not run a program since."""

_FLAGS = 6
"""Place of the kernel's flags among what follows a process's name in `/proc/PID/stat`, proc(5)."""


class Start:
    """Watches a launched process until it has become the command, or is known never to.

    It writes `ran`, or `not run` with the errno, which is 0 where it was killed before it tried.

    Args:
        pid: The process; it must not be reaped before `settle` said what became of it.
        outcome: Where it says that it could not.
        records: Where it is written down.
    """

    def __init__(self, pid: int, outcome: int, records: Records) -> None:
        self._pid = pid
        self._outcome = outcome
        self._records = records
        self._settled = False
        os.set_blocking(outcome, False)

    def settle(self) -> None:
        """Look, and write down what is certain; nothing happens once it is known."""
        if self._settled:
            return
        error = why_not_run(self._outcome)
        if error is None:
            return
        self._settled = True
        os.close(self._outcome)
        if error == 0 and not self._forked_only():
            self._records.write("ran")
        else:
            self._records.write("not run", errno=error)

    def _forked_only(self) -> bool:
        flags = procfs.read(f"{self._pid}/stat").rpartition(b")")[2].split()[_FLAGS]
        return bool(int(flags) & _FORKED_ONLY)
