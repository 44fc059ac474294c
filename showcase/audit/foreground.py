"""A command in the terminal that we were started in: it has the keyboard, Ctrl-C, Ctrl-Z and job control as always.

It stays in our process group, so the terminal sends it what it sends us. We take no notice of Ctrl-C and, when
it is stopped, stop as well, which is what the shell waits for. A supervisor in between does that for us. Where no
shell would continue the job, we are not stopped, and what was stopped is continued.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any

from showcase.audit import left_behind
from showcase.audit.streams import Streams
from showcase.audit.unrun import not_run
from showcase.claims.witnessing import COMMAND_ROLE
from showcase.processes.job_object import JobObject, start
from showcase.processes.table import UNTOLD, descendants
from showcase.witnesses.job_control import CONTINUED_AFTER_S, has_job_control, someone_continues, stay_awake

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import FrameType

    from showcase.evidence import Coverage, WitnessReport

TERM_GRACE_S = 5.0
"""Time that a command gets to end when its time is up, before it is killed."""

OVERDUE_S = 15.0
"""After its time a command that is watched by a supervisor may take this long to end; the supervisor, which ends it
after `TERM_GRACE_S`, is then killed, and the command with it."""

_BETWEEN_LOOKS_S = 0.1
_CONTINUE, _KILL = getattr(signal, "SIGCONT", None), getattr(signal, "SIGKILL", signal.SIGTERM)
_OF_THE_TERMINAL = ("SIGINT", "SIGQUIT", "SIGTSTP", "SIGBREAK", "SIGCONT")
_PASSED_ON = ("SIGTERM", "SIGHUP")


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a command ended: its status (negative for a signal), whether its time was up, and what stopped us.

    `ended_at` is when, a reading of `time.monotonic`: on Windows we stay for what it left behind. `notes` say which
    streams were passed on, who was stopped and had to be continued, and there also what was left behind.
    """

    exit_code: int
    out_of_time: bool
    stopped_by: str | None
    ended_at: float
    notes: tuple[str, ...] = ()


class Foreground:
    """Runs one command.

    Args:
        command: Program and arguments.
        environment: All of its environment.
        cwd: Where it runs.
        stdin: Its standard input, None for ours.
        stdout: Its standard output, None for ours.
        supervised: Whether the command brings a supervisor, which stops us and keeps the time.
        program: What people call the command: program and arguments without the supervisor's; None for `command`.
        passed: Descriptors that its supervisor gets beside the streams, under the same numbers.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: Path | None,
        stdin: IO[bytes] | None,
        stdout: IO[str] | None,
        supervised: bool,
        program: Sequence[str] | None = None,
        passed: Sequence[int] = (),
    ) -> None:
        self._passed = tuple(passed)
        self._program = command if program is None else program
        self._supervised = supervised
        self._out_of_time = threading.Event()
        self._ended = threading.Event()
        self._stopped_by: str | None = None
        self._continued = 0
        self._passed_on: tuple[str, ...] = ()
        self._process: subprocess.Popen[bytes] | None = None
        self._job: JobObject | None = None
        self._ended_at: float | None = None
        self._left_behind: tuple[str, ...] = ()
        self._command = command
        self._environment = dict(environment)
        self._cwd = cwd
        self._stdin = stdin
        self._stdout = stdout

    def run(self, *, limit_s: float | None, started: Callable[[int], None]) -> End:
        """Run it to its end; `started` is called with its (or its supervisor's) pid.

        Raises:
            ShowcaseError: It cannot be started.
        """
        given = (_of(self._stdin, 0), _of(self._stdout, 1), 2)
        with self._signals(), Streams(given) as streams:
            self._passed_on = streams.notes
            began_at = time.monotonic()
            try:
                process, self._job = start(
                    self._command,
                    env=self._environment,
                    cwd=self._cwd,
                    stdin=streams.stdin,
                    stdout=streams.stdout,
                    stderr=streams.stderr,
                    pass_fds=self._passed,
                )
            except OSError as error:
                raise not_run(self._program, error, self._environment, self._cwd) from error
            streams.started()
            self._process = process
            if not has_job_control(os.getpid()):
                stay_awake()
            elif limit_s is not None:
                stay_awake(limit_s)
            clock = None
            if limit_s is not None:
                clock = (
                    threading.Timer(limit_s + OVERDUE_S, self._give_up)
                    if self._supervised
                    else threading.Timer(limit_s, self._hurry)
                )
                clock.daemon = True
                clock.start()
            try:
                started(process.pid)
                code = self._wait()
                ended_at = self._ended_at = time.monotonic()
                time_up_at = began_at + (float("inf") if limit_s is None else limit_s)
                self._left_behind = () if self._job is None else left_behind.stay(self._job, ended_at, time_up_at)
            finally:
                self._ended.set()
                if clock is not None:
                    clock.cancel()
                    if self._out_of_time.is_set():
                        clock.join()  # it ends what the command left behind
        return End(
            exit_code=code,
            out_of_time=self._out_of_time.is_set(),
            stopped_by=self._stopped_by,
            ended_at=ended_at,
            notes=self._notes(),
        )

    def _wait(self) -> int:
        assert self._process is not None, "run() started it"  # noqa: S101 - for the type
        if sys.platform == "win32":
            return self._process.wait()
        while True:
            _, status = os.waitpid(self._process.pid, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                self._process.returncode = os.waitstatus_to_exitcode(status)
                return self._process.returncode
            if self._supervised:
                self._continued += 1  # a supervisor is never stopped by the terminal
            elif self._someone_continues():
                os.kill(os.getpid(), signal.SIGSTOP)
            else:
                self._continued += 1
            self._send(signal.SIGCONT)

    def _someone_continues(self) -> bool:
        """Return whether the shell will; it may see the job stopped a moment later than we see the command."""
        until = time.monotonic() + CONTINUED_AFTER_S
        while not (found := someone_continues(os.getpid())) and time.monotonic() < until:
            time.sleep(_BETWEEN_LOOKS_S)
        return found

    def _notes(self) -> tuple[str, ...]:
        if not self._continued:
            return (*self._passed_on, *self._left_behind)
        whom = "the supervisor" if self._supervised else "the command"
        times = "" if self._continued == 1 else f", {self._continued} times"
        return (*self._passed_on, f"{whom} was stopped and had to be continued{times}")

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Leave the terminal's signals to the command and pass others on; those that were ignored stay so.

        Handlers of ours end with the `exec` of the command, so that it begins with the dispositions that we had.
        """
        before: dict[int, Any] = {}
        for names, handler in ((_OF_THE_TERMINAL, _leave_alone), (_PASSED_ON, self._pass_on)):
            for number in (getattr(signal, name) for name in names if hasattr(signal, name)):
                if signal.getsignal(number) is not signal.SIG_IGN or number == _CONTINUE:
                    before[number] = signal.signal(number, handler)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        self._stopped_by = signal.Signals(number).name
        self._send(number)

    def _send(self, number: int) -> None:
        """Send a signal. Not by way of `Popen`, which would look whether it ended and so take its exit status."""
        if self._process is None or self._ended.is_set():
            return
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self._process.terminate()
            else:
                os.kill(self._process.pid, number)

    def _hurry(self) -> None:
        """End a command whose time is up: politely, and then not."""
        assert self._process is not None, "run() started it"  # noqa: S101 - for the type
        if self._job is not None:  # Windows, where only the console could ask it to end, and would ask us too
            if self._ended_at is None:
                self._out_of_time.set()
                self._job.end()
            return
        self._out_of_time.set()
        family = descendants(self._process.pid)
        self._send(signal.SIGTERM)
        if sys.platform != "win32":
            self._send(signal.SIGCONT)  # a stopped process takes no other signal
        # Only the main thread waits for the process: who waits first takes its exit status.
        ended = self._ended.wait(TERM_GRACE_S)
        for process in (*family, *descendants(self._process.pid)):
            with contextlib.suppress(*UNTOLD):
                process.kill()  # psutil makes sure that the number still means the same process
        if not ended and sys.platform != "win32":
            self._send(signal.SIGKILL)

    def _give_up(self) -> None:
        """End a supervisor that does not do what it is there for; the command ends with it."""
        self._out_of_time.set()
        self._send(_KILL)


def noted(witnesses: Sequence[WitnessReport], notes: Sequence[str], *, by: str) -> tuple[WitnessReport, ...]:
    """Return the reports with notes of ours among what the witness `by` says of how the command was watched."""

    def told(row: Coverage) -> Coverage:
        mine = notes if row.role == COMMAND_ROLE else ()
        return replace(row, note="; ".join(filter(None, (row.note, *mine))))

    return tuple(
        replace(report, coverage=tuple(map(told, report.coverage))) if report.name == by else report
        for report in witnesses
    )


def _of(file: IO[Any] | None, usual: int) -> int:
    return usual if file is None else file.fileno()


def _leave_alone(_number: int, _frame: FrameType | None) -> None:
    """The command gets it too, and decides."""
