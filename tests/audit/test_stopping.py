"""A command that stops or ends itself or who watches it gets no verdict that lies, and nothing of it stays."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import count
from typing import TYPE_CHECKING

import psutil
import pytest
from auditing import Auditor, audit_command

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("watched")

_NUMBERS = count()
STOPS = {
    "itself": "kill -STOP $$",
    "its-group": "kill -STOP 0",
    "the-supervisor": "kill -STOP $PPID; sleep 0.3; kill -STOP $PPID",
    "a-child": "sh -c 'kill -STOP $$; echo in'",
    "as-a-terminal-would": "kill -TSTP $$",
}
STOP_ALL = """
import os, signal, sys
above = lambda pid: int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
supervisor = os.getppid(); front = above(supervisor)
for pid in {"front": (front,), "both": (front, supervisor), "all": (front, supervisor, os.getpid())}[sys.argv[1]]:
    os.kill(pid, signal.SIGSTOP)
print("on")
"""


def in_no_session_of_a_shell(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    """Run an audit that nobody would continue, in a group of its own, so that it can stop nobody else."""
    given: dict[str, object] = {"stdin": subprocess.DEVNULL, "timeout": 60, **more}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        audit_command(*arguments), capture_output=True, text=True, check=False, start_new_session=True, **given
    )


@pytest.mark.parametrize("how", STOPS)
@pytest.mark.parametrize("seal", [(), ("--seal",)], ids=["watched", "sealed"])
def test_a_command_that_stops_goes_on_and_it_is_said(how: str, seal: tuple[str, ...]) -> None:
    done = in_no_session_of_a_shell(*seal, "--", "sh", "-c", f"{STOPS[how]}; echo on")
    assert done.stdout.endswith("on\n"), done.stderr
    if how == "as-a-terminal-would":  # which an orphaned group takes no notice of
        assert done.returncode == 0
        return
    if not (how == "the-supervisor" and seal):  # behind a seal the supervisor may be out of reach
        assert "was stopped and had to be continued" in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("whom", ["front", "both", "all"])
def test_a_command_that_stops_those_who_watch_it(whom: str) -> None:
    done = in_no_session_of_a_shell("--", sys.executable, "-c", STOP_ALL, whom)
    assert (done.returncode, done.stdout) == (0, "on\n"), done.stderr


def test_a_command_that_stops_where_nobody_supervises(run: Auditor) -> None:
    inner = audit_command("--", "sh", "-c", "kill -STOP $$; echo on")
    outer = run("--", "setsid", "-w", *inner)
    assert outer.stdout == "on\n"
    assert "the command was stopped and had to be continued" in outer.stderr


@pytest.mark.parametrize(
    "script",
    [
        "kill -STOP $$",
        "trap '' TERM; while :; do kill -STOP $$; done",
        "trap '' TERM; while :; do kill -STOP $PPID; sleep 0.01; done",
        "trap '' TERM; (setsid sh -c 'trap \"\" TERM; sleep LONG & kill -STOP $$' &); sleep LONG",
    ],
    ids=["stopped", "again-and-again", "the-supervisor", "children"],
)
def test_a_duration_holds_for_what_is_stopped(script: str, long: str) -> None:
    done = in_no_session_of_a_shell("--for", "1s", "--", "sh", "-c", script.replace("LONG", long))
    assert "after the time it was given" in done.stderr


@pytest.fixture
def long() -> Iterator[str]:
    """A number of seconds that no other process sleeps for; nobody is left at the end who does."""
    seconds = f"31337.{os.getpid()}{next(_NUMBERS)}"
    yield seconds
    left = [each for each in psutil.process_iter(["cmdline"]) if seconds in (each.info["cmdline"] or ())]
    for process in left:
        process.kill()
    assert not left, "the audit left something behind"


@pytest.mark.parametrize("rest", ["exec sleep LONG", "(setsid sleep LONG &); sleep LONG"])
def test_a_command_that_kills_its_supervisor_is_not_upheld(rest: str, long: str) -> None:
    done = in_no_session_of_a_shell(
        "--", "sh", "-c", f"supervisor=$PPID; (sleep 0.5; kill -KILL $supervisor) & {rest.replace('LONG', long)}"
    )
    assert done.returncode == 3, done.stderr
    assert "inconclusive" in done.stderr


@pytest.mark.parametrize("seal", [(), ("--seal",)], ids=["watched", "sealed"])
def test_nothing_stays_when_the_audit_itself_is_killed(seal: tuple[str, ...], long: str) -> None:
    script = f"trap '' TERM; (trap '' TERM; setsid sleep {long} &); echo up; while :; do sleep 1; done"
    with subprocess.Popen(
        audit_command(*seal, "--", "sh", "-c", script), stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        gone, alive = psutil.wait_procs(family, timeout=30)
    assert (len(gone) > 1, alive) == (True, [])
