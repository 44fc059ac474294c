"""A command that never ran has no verdict; one that stops, ends or impersonates who watches it gets none that lies."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import stat
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from auditing import Audited, Auditor, audit_command, python

from showcase.audit.request import Request
from showcase.audit.rules import DEFAULT
from showcase.errors import ShowcaseError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("watched")

_NUMBERS = count()
WAYS = ("watched", "sealed", "alone")
UNRUN: dict[str, tuple[bytes | None, int, str, str]] = {
    "no-first-line": (b"echo hello\n", 0o755, "names no interpreter", "showcase audit -- sh {file} one 'two words'"),
    "windows-lines": (b"#!/bin/sh\r\necho hello\r\n", 0o755, "end on Windows", "sed -i 's/\\r$//' {file}"),
    "no-interpreter": (b"#!/no/such/python -u\n", 0o755, "/no/such/python, which is not there", "audit -- "),
    "no-program": (b"#!/etc\n", 0o755, "/etc, which is no program", "audit -- sh {file}"),
    "no-permission": (b"#!/bin/sh\necho hello\n", 0o644, "not marked as executable", "chmod +x {file}"),
    "empty": (b"", 0o755, "empty", "ls -l {file}"),
    "other-machine": (None, 0o755, "is a program for s390x", "get it for"),
    "windows-program": (b"MZ\x90\0" + bytes(100), 0o755, "a program for Windows", "get it for this system"),
    "data": (b"\0\1\2\3" * 100, 0o755, "no program that this system knows", "file {file}"),
}


def foreign_binary() -> bytes:
    header = bytearray(Path("/bin/true").resolve().read_bytes())
    header[18:20] = (22).to_bytes(2, sys.byteorder)
    return bytes(header)


def run_somehow(run: Auditor, way: str, *arguments: str) -> Audited:
    """Audit a command watched by the kernel, sealed, or where the kernel allows no second supervisor."""
    if way == "watched":
        return run(*arguments)
    if way == "sealed":
        return run("--seal", *arguments)
    outer = run("--", *audit_command("--pass-exit", *arguments))
    assert outer.run.command is not None
    assert outer.run.command.exit_code is not None
    return Audited(outer.run.command.exit_code, outer.stdout, outer.stderr, outer.log)


@pytest.mark.usefixtures("sealable")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", UNRUN)
def test_what_cannot_be_run_has_no_verdict(run: Auditor, tmp_path: Path, what: str, way: str) -> None:
    content, mode, why, hint = UNRUN[what]
    file = tmp_path / "a program"
    file.write_bytes(foreign_binary() if content is None else content)
    file.chmod(mode)
    done = run_somehow(run, way, "--", str(file), "one", "two words")
    assert done.exit_code == 4
    assert why in done.stderr
    assert hint.format(file=shlex.quote(str(file))) in done.stderr
    assert "hello" not in done.stdout
    said = done.stderr if way != "alone" else done.stderr.partition("Audited:")[0]
    assert "upheld" not in said
    assert way == "alone" or not done.log.exists()


def test_the_fix_that_is_named_is_one(run: Auditor, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("echo hello $1\n")
    script.chmod(0o755)
    hint = run("--", str(script), "you").stderr.partition("fix: ")[2].partition(" audit ")[2]
    assert run(*shlex.split(hint)).stdout == "hello you\n"


@pytest.mark.parametrize("way", ["watched", "alone"])
def test_a_directory_or_a_link_to_nowhere_is_no_program(run: Auditor, tmp_path: Path, way: str) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    for program, why in ((tmp_path, "directory"), (tmp_path / "link", "leads nowhere")):
        done = run_somehow(run, way, "--", str(program))
        assert (done.exit_code, why in done.stderr) == (4, True)


def test_arguments_that_are_too_long(run: Auditor) -> None:
    long = "x" * 200_000  # one argument has 128 KiB at most, however much all of them have
    try:
        done = run("--", "true", long)
    except OSError:
        pytest.skip("this system does not let the audit itself be started with them")
    assert done.exit_code == 4


def test_arguments_that_only_the_command_cannot_have(tmp_path: Path) -> None:
    request = Request(command=("true", "x" * 200_000), environment=dict(os.environ), rules=DEFAULT, cwd=tmp_path)
    from showcase.audit import audit  # noqa: PLC0415 - psutil

    with pytest.raises(ShowcaseError, match="too long") as raised:
        audit(request)
    assert raised.value.exit_code == 4
    assert "ARG_MAX" in raised.value.hint


@pytest.mark.parametrize(
    ("command", "status"),
    [(["sh", "-c", "exit 126"], 126), (["sh", "-c", "exit 127"], 127), (["sh", "-c", "./no-such-program"], 127)],
)
@pytest.mark.parametrize("way", ["watched", "sealed"])
def test_a_command_that_says_the_same_by_its_status_did_run(
    run: Auditor, command: list[str], status: int, way: str
) -> None:
    done = run_somehow(run, way, "--", *command)
    assert done.exit_code == 0, done.stderr
    assert done.run.command is not None
    assert done.run.command.exit_code == status


def test_a_file_that_is_spoilt_between_the_look_and_the_run(tmp_path: Path) -> None:
    """The check before finds a program; what the kernel finds a moment later is what counts."""
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\nexit 0\n")
    script.chmod(0o755)
    request = Request(command=(str(script),), environment=dict(os.environ), rules=DEFAULT)
    request.check()
    script.chmod(stat.S_IRUSR)
    with pytest.raises(ShowcaseError, match="not marked as executable") as raised:
        request.check()
    assert raised.value.exit_code == 4
    script.unlink()
    with pytest.raises(UsageError):
        request.check()


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


@pytest.fixture
def proxy() -> Iterator[int]:
    """A listener of somebody else that would pass on what it is told."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(100)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


CONTROL = """
import json, os, signal, socket, sys, time
def parent(pid): return int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
def controls(depth):
    front = os.getpid()
    for _ in range(depth): front = parent(front)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = open(f"/proc/{pid}/cmdline").read().split("\\0")
            above = int(pid)
            for _ in range(depth): above = parent(above)
            if len(words) > 1 and words[1].endswith("audit/control.py") and above == front: yield int(pid)
        except OSError: pass
def find(depth):
    for _ in range(400):
        for pid in controls(depth): return pid
        time.sleep(0.005)
    raise SystemExit("no control was found")
"""
FORGED = (
    CONTROL
    + """
depth, port = int(sys.argv[1]), int(sys.argv[2])
control = find(depth)
os.kill(control, signal.SIGSTOP)
try:
    out = os.open(f"/proc/{control}/fd/1", os.O_WRONLY)
    os.write(out, json.dumps({"pid": os.getpid(), "port": port}).encode())
except OSError: pass
os.kill(control, signal.SIGKILL)
socket.create_connection(("127.0.0.1", port)).sendall(b"alice likes sushi")
print("sent")
"""
)


def test_a_command_that_speaks_for_the_planted_leak_is_seen(run: Auditor, proxy: int) -> None:
    done = run(*python(FORGED, "2", str(proxy)))
    assert done.stdout == "sent\n"
    assert done.exit_code == 1
    assert str(proxy) in done.egress.reason


def test_so_it_is_where_nobody_supervises(run: Auditor, proxy: int, tmp_path: Path) -> None:
    log = tmp_path / "inner.json"
    outer = run("--", *audit_command("--log", str(log), *python(FORGED, "1", str(proxy))))
    inner = Audited(0, "", "", log)
    assert "sent" in outer.stdout
    assert inner.egress.status in ("broken", "inconclusive"), inner.egress


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_without_the_planted_leak_nothing_is_upheld(run: Auditor, number: int) -> None:
    done = run(*python(f"{CONTROL}\nos.kill(find(2), {int(number)})\nprint('ended')"))
    assert done.stdout == "ended\n"
    assert done.exit_code == 3
    assert "did not catch the leak" in done.egress.reason
