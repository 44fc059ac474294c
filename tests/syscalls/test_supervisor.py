"""The supervisor is invisible to whoever started it, loses no process of the tree, and says when it could not look."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from watching import Spawn, Watcher, finish, python

from showcase.witnesses.syscalls.command import supervised


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("raise SystemExit(7)", 7),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
        ("import os; os.abort()", -signal.SIGABRT),
    ],
)
def test_ends_as_the_command_ended(watch: Watcher, script: str, status: int) -> None:
    assert watch(script).returncode == status


def test_a_command_that_is_not_there(watch: Watcher) -> None:
    seen = watch(["/nowhere/at-all"])
    assert seen.returncode == 127
    assert "/nowhere/at-all" in seen.errors


def test_streams_pass_through_untouched(spawn: Spawn) -> None:
    witness, process = spawn(["cat"], stdin=subprocess.PIPE)
    text = "x" * 100_000 + "\n"
    output, errors = process.communicate(text, timeout=60)
    assert (output, errors) == (text, "")
    witness.stop()


def test_output_ends_when_the_command_ends_though_a_daemon_lives_on(spawn: Spawn) -> None:
    script = """
import os, sys, time
if os.fork() == 0:
    os.setsid(); [os.close(n) for n in range(3)]; time.sleep(3); os._exit(0)
print("done", flush=True)
"""
    witness, process = spawn(python(script))
    began = time.monotonic()
    assert process.stdout.read() == "done\n"
    assert process.poll() is None, "the supervisor stays while a process of the tree lives"
    assert time.monotonic() - began < 3
    assert finish(witness, process).coverage.complete


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_reach_the_command(spawn: Spawn, number: int) -> None:
    script = """
import signal, sys
for number in (signal.SIGTERM, signal.SIGINT): signal.signal(number, lambda n, f: sys.exit(n))
print("ready", flush=True); signal.pause()
"""
    witness, process = spawn(python(script))
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert finish(witness, process).returncode == number


def test_descriptors_above_two_are_closed(spawn: Spawn) -> None:
    with socket.socket() as leaked:
        leaked.set_inheritable(True)
        witness, process = spawn(python("import os; print(os.listdir('/proc/self/fd'))"), pass_fds=[leaked.fileno()])
        assert finish(witness, process).output == "['0', '1', '2', '3']\n"  # 3 is the listing's own


def test_a_socket_that_was_handed_over_is_reported(watch: Watcher) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with socket.create_connection(listener.getsockname()) as connected:
            seen = watch("import os; os.write(0, b'leak')", stdin=connected)
        (attempt,) = seen.of("inherited")
        assert (attempt.address, attempt.port) == listener.getsockname()


LATE = """
import os, socket, sys, time
def leak(port): socket.socket().connect_ex(("127.0.0.1", port))
"""


def test_a_grandchild_in_another_session_is_seen_after_the_command_ended(watch: Watcher) -> None:
    script = (
        LATE
        + """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        [os.close(n) for n in range(3)]; time.sleep(0.5); leak(4001)
    os._exit(0)
os.wait()
"""
    )
    seen = watch(script)
    (attempt,) = seen.of("connect")
    assert (attempt.port, attempt.role) == (4001, "child")
    exited = next(record["t"] for record in seen.records if record["event"] == "exited")
    assert next(record["t"] for record in seen.records if record.get("call") == "connect") > exited
    assert seen.coverage.complete


def test_atexit_is_seen(watch: Watcher) -> None:
    assert watch(LATE + "import atexit; atexit.register(leak, 4002)").ports() == [4002]


def test_a_process_that_outlives_the_command_is_named_and_ended(watch: Watcher) -> None:
    script = (
        LATE
        + """
import signal
if os.fork() == 0:
    os.setsid(); signal.signal(signal.SIGTERM, signal.SIG_IGN); [os.close(n) for n in range(3)]
    while True: time.sleep(0.1); leak(4003)
"""
    )
    began = time.monotonic()
    seen = watch(script, "--linger", "1.5")
    assert time.monotonic() - began < 30
    (outlived,) = [record for record in seen.records if record["event"] == "outlived"]
    assert seen.report.counts["outlived"] == 1
    assert f"process {outlived['pid']}" in seen.coverage.note
    assert not Path(f"/proc/{outlived['pid']}").exists()
    assert seen.ports() == [4003]


def test_a_killed_supervisor_leaves_a_gap_and_no_orphan(spawn: Spawn) -> None:
    script = LATE + "print(os.getpid(), flush=True)\nwhile True: time.sleep(0.05); leak(4004)"
    witness, process = spawn(python(script))
    child = int(process.stdout.readline())
    time.sleep(0.3)
    process.kill()
    seen = finish(witness, process)
    assert not seen.coverage.complete
    assert "killed" in seen.coverage.note
    assert seen.ports() == [4004], "what was seen before is kept"
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{child}").exists()


def test_a_target_killed_while_it_asks_is_harmless(watch: Watcher) -> None:
    script = (
        LATE
        + """
import signal, threading
for _ in range(30):
    child = os.fork()
    if child == 0:
        while True: leak(4005)
    time.sleep(0.01); os.kill(child, signal.SIGKILL); os.waitpid(child, 0)
leak(4006)
"""
    )
    seen = watch(script)
    assert seen.returncode == 0
    assert 4006 in seen.ports()


def test_three_hundred_children_are_all_seen(watch: Watcher) -> None:
    script = (
        LATE
        + """
children = []
for n in range(300):
    child = os.fork()
    if child == 0: leak(10000 + n); os._exit(0)
    children.append(child)
for child in children: os.waitpid(child, 0)
"""
    )
    seen = watch(script)
    assert sorted(seen.ports()) == list(range(10000, 10300))
    assert seen.coverage.complete


def test_a_second_witness_inside_says_that_it_cannot(watch: Watcher) -> None:
    script = "from showcase.witnesses.syscalls.command import why_unavailable; print(why_unavailable())"
    root = Path(__file__).parents[2]
    seen = watch(f"import sys; sys.path.insert(0, {str(root)!r}); {script}")
    assert "under a seccomp supervisor already" in seen.output, seen.errors


def test_the_environment_of_the_command_does_not_reach_the_supervisor(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('hijacked')")
    environment = {"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        supervised(tmp_path / "records", [sys.executable, "-c", "import os; print(os.environ['PYTHONPATH'])"]),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == f"{tmp_path}\n", done.stderr
    assert (tmp_path / "records").stat().st_mode & 0o777 == 0o600
