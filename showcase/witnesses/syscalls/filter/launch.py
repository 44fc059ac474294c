"""Starting a command under the filter."""

from __future__ import annotations

import errno
import os
import signal
import struct
import sys
from typing import TYPE_CHECKING, NamedTuple

from showcase.witnesses.syscalls import kernel
from showcase.witnesses.syscalls.filter import abi
from showcase.witnesses.syscalls.filter import program as filter  # noqa: A004 - the field's own word

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.witnesses.syscalls.filter.bpf import Instruction

NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""Exit status where the command cannot be run, as every shell has it."""

_REPORT = struct.Struct("=ii")  # eight bytes: a length that the filter itself lets pass
_PREPARING, _FILTERED, _RELEASED = 1, 2, 3
_OUTCOME = 3
"""The descriptor by which a command that could not be run says so; the kernel closes it when it runs."""


class Refused(Exception):  # noqa: N818 - the machine's answer
    """The kernel does not let this process be watched (or sealed): `stage` and its errno."""

    def __init__(self, stage: str, error: int) -> None:
        super().__init__(f"{stage}: {os.strerror(error)}")
        self.stage = stage
        self.error = error


class Launched(NamedTuple):
    """A process under the filter that has not run the command yet, until `release` is called."""

    pid: int
    listener: int
    gate: int
    outcome: int
    """Where it says that it could not run the command; see `running.Start`."""

    def release(self) -> None:
        """Let it run the command."""
        os.close(self.gate)


def launch(
    command: list[str],
    *,
    own_session: bool = True,
    sealed: bool = False,
    in_child: Callable[[], None] = lambda: None,
    in_parent: Callable[[], None] = lambda: None,
) -> Launched:
    """Fork, install the filter in the child and take its listener.

    Args:
        command: Program and arguments; the program is looked up on PATH.
        own_session: Give it a session of its own. Without one it stays in our process group, and so in the terminal.
        sealed: Whether it gets the filter for the inside of a seal.
        in_child: What the child does before the filter is in force.
        in_parent: What the parent does meanwhile.

    Raises:
        Refused: The kernel refused the preparation or the filter.
    """
    interfaces = abi.of_this_machine()
    if not interfaces:
        raise Refused("no table of system calls for this machine", errno.ENOSYS)
    program = filter.program(interfaces, sealed=sealed)
    report_end, report = os.pipe()
    gate_end, gate = os.pipe()
    outcome_end, outcome = os.pipe()
    pid = os.fork()
    if pid == 0:
        for ours in (report_end, gate, outcome_end):
            os.close(ours)
        _become(command, program, in_child, _Pipes(report, gate_end, outcome), own_session=own_session)
    for theirs in (report, gate_end, outcome):
        os.close(theirs)
    in_parent()
    with os.fdopen(report_end, "rb") as pipe:
        raw = pipe.read(_REPORT.size)
    stage, value = _REPORT.unpack(raw) if len(raw) == _REPORT.size else (0, -errno.ESRCH)
    if stage != _FILTERED or value < 0:
        os.close(gate)
        os.close(outcome_end)
        os.waitpid(pid, 0)
        raise Refused("the filter was refused" if stage == _FILTERED else "the preparation failed", -value)
    try:
        pidfd = os.pidfd_open(pid)
        listener = kernel.copy_descriptor(pidfd, value)
        os.close(pidfd)
    except OSError as error:
        os.kill(pid, signal.SIGKILL)
        os.close(gate)
        os.close(outcome_end)
        os.waitpid(pid, 0)
        raise Refused("the listener cannot be taken over", error.errno or errno.EPERM) from error
    return Launched(pid, listener, gate, outcome_end)


class _Pipes(NamedTuple):
    """The child's ends: it says that it is prepared, waits, and says that it could not become the command."""

    report: int
    gate: int
    outcome: int


def _become(
    command: list[str],
    program: list[Instruction],
    in_child: Callable[[], None],
    pipes: _Pipes,
    *,
    own_session: bool,
) -> None:
    """Turn this process into the command; never returns."""
    stage = _PREPARING
    try:
        if own_session:  # what it does to its process group must not reach the supervisor
            os.setsid()
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # the two that Python ignores
            signal.signal(number, signal.SIG_DFL)
        in_child()
        stage = _FILTERED
        listener = kernel.install_filter(program)
        os.write(pipes.report, _REPORT.pack(stage, listener))
        os.read(pipes.gate, 1)  # until the supervisor listens
        stage = _RELEASED
        os.dup2(pipes.outcome, _OUTCOME, inheritable=False)
        kernel.close_from(_OUTCOME + 1)
        os.execvp(command[0], command)  # noqa: S606 - launching the command is the purpose
    except OSError as error:
        if stage != _RELEASED:
            os.write(pipes.report, _REPORT.pack(stage, -(error.errno or errno.EPERM)))
            os._exit(NOT_EXECUTABLE)
        os.write(_OUTCOME, _REPORT.pack(stage, error.errno or errno.EPERM))
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.stderr.flush()
        os._exit(NOT_FOUND if error.errno == errno.ENOENT else NOT_EXECUTABLE)
    finally:
        os._exit(NOT_EXECUTABLE)


def why_not_run(outcome: int) -> int | None:
    """Return the errno with which a command could not be run, 0 where nothing was said and nobody can any more.

    None: it may still be said. The descriptor is one that does not wait.
    """
    try:
        raw = os.read(outcome, _REPORT.size)
    except BlockingIOError:
        return None
    return int(_REPORT.unpack(raw)[1]) if len(raw) == _REPORT.size else 0
