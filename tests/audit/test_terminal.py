"""A command under audit keeps its terminal: Ctrl-C, Ctrl-Z, `fg`, and shells with job control of their own."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import shlex
import time
from typing import TYPE_CHECKING

import pytest
from auditing import audit_command

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("watched")
_PATIENCE_S = 30.0


BASH = ("bash", "--norc", "--noprofile", "-i")


class Shell:
    """An interactive bash, or another command, in a terminal of its own."""

    def __init__(self, *command: str) -> None:
        command = command or BASH
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(PS1="", PS2="", TERM="dumb")
            os.execvp(command[0], command)  # noqa: S606 - the user's own shell
        self._heard = ""

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def hear(self, pattern: str, patience_s: float = _PATIENCE_S) -> str:
        """Read until the pattern comes; what was read before it is used up."""
        until = time.monotonic() + patience_s
        while (found := re.search(pattern, self._heard)) is None:
            assert time.monotonic() < until, f"no {pattern!r} in {self._heard!r}"
            if select.select([self._terminal], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):
                    self._heard += os.read(self._terminal, 4096).decode(errors="replace").replace("\r", "")
        self._heard = self._heard[found.end() :]
        return found[0]

    def type_until(self, keys: str, pattern: str) -> None:
        """Type again and again until the pattern comes: a shell says that it resumes a job before it does."""
        for _ in range(int(_PATIENCE_S)):
            self.type(keys)
            with contextlib.suppress(AssertionError):
                self.hear(pattern, patience_s=1.0)
                return
        self.hear(pattern)

    def return_to_it(self) -> None:
        """Wait until the shell reads again: what is typed while it takes the terminal back may be thrown away."""
        self.hear("Stopped")
        self.type_until("echo re''turned\n", "\nreturned")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._terminal)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


@pytest.fixture
def shell() -> Iterator[Shell]:
    opened = Shell()
    yield opened
    opened.close()


def audited(*command: str) -> str:
    return shlex.join(audit_command("--", *command)) + "\n"


def test_ctrl_c_ends_the_command_and_not_the_audit(shell: Shell) -> None:
    shell.type(audited("sh", "-c", "echo r''eady; exec sleep 60"))
    shell.hear("\nready")
    shell.type("\x03")
    shell.hear("ended with signal 2")
    shell.type("echo status=$?\n")
    shell.hear("status=0")


def test_ctrl_z_stops_both_and_fg_continues_them(shell: Shell) -> None:
    shell.type(audited("sh", "-c", "echo r''eady; exec cat"))
    shell.hear("\nready")
    shell.type("hello\n")
    shell.hear("hello\nhello")
    shell.type("\x1a")
    shell.return_to_it()
    shell.type("echo shell-''answers\n")
    shell.hear("\nshell-answers")
    shell.type("fg\n")
    shell.hear("showcase audit")
    shell.type("again\n")
    shell.hear("again\nagain")
    shell.type("\x04")
    shell.hear("ended with exit status 0")


def test_a_shell_inside_has_job_control_of_its_own(shell: Shell) -> None:
    shell.type(audited("env", "PS1=inner>", "bash", "--norc", "--noprofile", "-i"))
    shell.hear("\n[^\n]*inner>")
    shell.type("sh -c 'echo r\"\"eady; exec sleep 60'\n")
    shell.hear("\nready")
    shell.type("\x1a")
    shell.hear("Stopped +sh -c")
    shell.type("fg\n")
    shell.hear("inner>fg\nsh -c")
    shell.type_until("\x03", "inner>")
    shell.type("exit 5\n")
    shell.hear("ended with exit status 5")
    shell.type("echo out''side\n")
    shell.hear("\noutside")


def test_the_command_sees_a_terminal(shell: Shell) -> None:
    shell.type(audited("sh", "-c", "test -t 0 && test -t 1 && test -t 2 && echo is''-a-terminal; tty"))
    shell.hear("is-a-terminal\n/dev/pts/")
    shell.hear("ended with exit status 0")


def test_a_command_that_stops_itself_is_a_stopped_job_and_fg_continues_it(shell: Shell) -> None:
    shell.type(audited("sh", "-c", "echo r''eady; kill -STOP $$; echo a''gain"))
    shell.hear("\nready")
    shell.return_to_it()
    shell.type("sleep 4; echo shell-''answers\n")
    assert "again" not in shell.hear("[^$]*\nshell-answers"), "a person decides when it goes on"
    shell.type("fg\n")
    shell.hear("\nagain")
    shell.hear("ended with exit status 0")


def test_a_stopped_job_ends_when_its_time_is_up(shell: Shell) -> None:
    shell.type(shlex.join(audit_command("--for", "3s", "--", "sh", "-c", "echo r''eady; exec sleep 60")) + "\n")
    shell.hear("\nready")
    shell.type("\x1a")
    shell.hear("Stopped")
    shell.hear("ended with signal 15 after [0-9.]+ s, after the time it was given")


def test_behind_a_program_that_is_not_stopped_nobody_would_continue_it(shell: Shell) -> None:
    inner = shlex.join(audit_command("--", "sh", "-c", "echo r''eady; kill -STOP $$; echo a''gain"))
    shell.type(shlex.join(["sh", "-c", f"{inner}; echo le''ft"]) + "\n")
    shell.hear("\nready")
    shell.hear("\nagain")
    shell.hear("was stopped and had to be continued")
    shell.hear("\nleft")


def test_ctrl_z_and_fg_through_a_program_in_between(shell: Shell) -> None:
    inner = shlex.join(audit_command("--", "sh", "-c", "echo r''eady; exec cat"))
    shell.type(shlex.join(["sh", "-c", f"{inner}; echo le''ft"]) + "\n")
    shell.hear("\nready")
    shell.type("\x1a")
    shell.return_to_it()
    shell.type("sleep 4; echo shell-''answers\n")
    shell.hear("\nshell-answers")
    shell.type("fg\n")
    shell.hear("showcase audit")
    shell.type_until("more\n", "more\nmore")
    shell.type("\x04")
    shell.hear("ended with exit status 0")
    shell.hear("\nleft")


def test_jobs_of_a_shell_inside_stay_stopped_where_no_shell_is_outside() -> None:
    shell = Shell(*audit_command("--", *BASH))
    try:
        shell.type_until("echo up''\n", "\nup\n")
        shell.type("sh -c 'echo r\"\"eady; read line; echo we''nt-on'\n")
        shell.hear("\nready")
        shell.type("\x1a")
        shell.hear("Stopped +sh -c")
        shell.type("sleep 8; jobs\n")
        shell.hear("\n.*Stopped +sh -c")
        shell.type("fg\n")
        shell.type_until("\n", "\nwent-on")
        shell.type_until("exit 5\n", "ended with exit status 5")
    finally:
        shell.close()


def test_in_a_terminal_without_a_shell_the_command_goes_on() -> None:
    shell = Shell(*audit_command("--", "sh", "-c", "kill -STOP $$; echo a''gain"))
    try:
        shell.hear("again")
        shell.hear("was stopped and had to be continued")
    finally:
        shell.close()
