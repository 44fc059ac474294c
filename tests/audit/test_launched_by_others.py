"""Audits that Node, a service manager or a shell with closed streams starts; servers on Unix sockets of their own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from auditing import Audited, Auditor, audit_command, python

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("watched", "sealable")

SHM = Path("/dev/shm")  # noqa: S108 - the very place that is asked about

NODE = """
const { spawnSync } = require('child_process');
const done = spawnSync(process.argv[1], process.argv.slice(2), { stdio: 'pipe', input: 'asked' });
process.stdout.write(done.stdout); process.stderr.write(done.stderr); process.exit(done.status);
"""

FORKSERVER = """
import multiprocessing
def double(number): return 2 * number
if __name__ == "__main__":
    multiprocessing.set_start_method("forkserver")
    with multiprocessing.Pool(1) as pool:
        print(pool.map(double, range(3)))
"""

LISTEN = """
import os, socket, sys
kind = getattr(socket, sys.argv[2])
with socket.socket(socket.AF_UNIX, kind) as server:
    server.bind(sys.argv[1])
    if kind == socket.SOCK_STREAM:
        server.listen()
os.unlink(sys.argv[1])
"""


def on_sockets(log: Path, *arguments: str, said: bytes = b"", one: bool = False) -> Audited:
    """Run an audit whose standard streams are Unix sockets, stdout and stderr one and the same where asked."""
    ours, theirs = zip(*(socket.socketpair() for _ in range(3)), strict=True)
    process = subprocess.Popen(
        audit_command("--log", str(log), *arguments), stdin=theirs[0], stdout=theirs[1], stderr=theirs[1 if one else 2]
    )
    for each in theirs:
        each.close()
    heard: dict[int, bytes] = {}

    def hear(number: int) -> None:
        while piece := ours[number].recv(1 << 16):
            heard[number] = heard.get(number, b"") + piece

    hearing = [threading.Thread(target=hear, args=(number,)) for number in (1, 2)]
    for thread in hearing:
        thread.start()
    ours[0].sendall(said)
    ours[0].close()
    code = process.wait(timeout=90)
    for thread in hearing:
        thread.join()
    for each in ours:
        each.close()
    return Audited(code, heard.get(1, b"").decode(), heard.get(2, b"").decode(), log)


def test_streams_that_are_sockets_leave_the_walls_whole(tmp_path: Path) -> None:
    script = "import sys; data = sys.stdin.read(); print('out', data); print('err', file=sys.stderr)"
    done = on_sockets(tmp_path / "log.json", "--seal", *python(script), said=b"asked")
    assert done.exit_code == 0, done.stderr
    assert done.egress.level == "enforced"
    assert done.stdout == "out asked\n"
    assert "err\n" in done.stderr
    assert "standard input, standard output and standard error were sockets" in done.stderr
    assert done.rows("inherited") == []


def test_much_on_one_socket_stays_whole_and_in_order(tmp_path: Path) -> None:
    script = """
import os
for number in range(20_000):
    os.write(1 + number % 2, b"%06d\\n" % number)
"""
    done = on_sockets(tmp_path / "log.json", "--seal", *python(script), one=True)
    assert done.exit_code == 0
    assert done.stdout.startswith("".join(f"{number:06}\n" for number in range(20_000)))


def test_whoever_writes_is_told_that_nobody_reads(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(
            audit_command("--log", str(tmp_path / "log.json"), "--", "sh", "-c", "yes"),
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        assert ours.recv(4) == b"y\ny\n"
        ours.close()
        assert process.wait(timeout=60) == 0


def test_a_socket_of_a_network_stays_what_it_is(tmp_path: Path) -> None:
    """Its other end may be another machine; a pipe in between would hide that."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as ours:
        process = subprocess.Popen(
            audit_command("--log", str(tmp_path / "log.json"), "--seal", "--", "true"),
            stdin=subprocess.DEVNULL,
            stdout=ours,
            stderr=subprocess.DEVNULL,
        )
        process.wait(timeout=60)
    done = Audited(process.returncode, "", "", tmp_path / "log.json")
    assert [row.family for row in done.rows("inherited")] == ["inet"]
    assert done.exit_code == 1
    note = next(report for report in done.run.witnesses if report.name == "seal").coverage[0].note
    assert "standard output was a socket already when it was sealed: start it with </dev/null and 2>&1 | cat" in note


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node here")
def test_under_node(tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    command = ["node", "-e", NODE, *audit_command("--seal", "--log", str(log), "--", "cat")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    done = Audited(ended.returncode, ended.stdout, ended.stderr, log)
    assert (done.exit_code, done.stdout) == (0, "asked"), done.stderr
    assert done.egress.level == "enforced"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_were_closed_are_no_file_of_ours(tmp_path: Path, closed: str) -> None:
    """The next file that is opened gets the number that is free: here the log itself was about to be written over."""
    log = tmp_path / "log.json"
    script = "echo told; echo told >&2; cat"
    command = audit_command("--seal", "--log", str(log), "--", "sh", "-c", script)
    ended = subprocess.run(
        ["/bin/sh", "-c", f'"$@" {closed}', "sh", *command],
        capture_output=True, text=True, timeout=90, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert "Traceback" not in ended.stderr
    done = Audited(ended.returncode, ended.stdout, ended.stderr, log)
    assert done.exit_code == 0, ended.stderr
    assert done.egress.level == "enforced"


def test_almost_no_environment(tmp_path: Path) -> None:
    """As cron and service managers start programs."""
    log = tmp_path / "log.json"
    ended = subprocess.run(
        audit_command("--seal", "--log", str(log), "--", "/bin/sh", "-c", "true"),
        env={}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    done = Audited(ended.returncode, ended.stdout, ended.stderr, log)
    assert done.exit_code == 0, ended.stderr
    assert done.egress.level == "enforced"


def test_addresses_of_services_that_were_inherited_cost_nothing_unless_used(run: Auditor, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(tmp_path / "agent"))
        agent.listen()
        inherited = {
            "SSH_AUTH_SOCK": str(tmp_path / "agent"),
            "NOTIFY_SOCKET": "@service",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/agent",
        }
        done = run("--seal", "--", "true", **inherited)
        assert (done.exit_code, done.egress.level) == (0, "enforced")
        used = run(
            "--seal", *python(f"import socket; socket.socket(socket.AF_UNIX).connect({str(tmp_path / 'agent')!r})")
        )
        assert [row.outcome for row in used.rows("connect")] == ["leads out of the seal, refused"]


def test_a_forkserver_says_which_socket_costs_the_walls_and_how_to_keep_them(run: Auditor, tmp_path: Path) -> None:
    script = tmp_path / "pool.py"
    script.write_text(FORKSERVER)
    command = ("--", sys.executable, str(script))
    # A short one: where the path of its socket would be too long, multiprocessing takes a name without a path.
    with tempfile.TemporaryDirectory(prefix="fork-") as place:
        costs = run("--seal", "--env", f"TMPDIR={place}", *command)
    assert costs.exit_code == 0
    assert costs.egress.level == "recorded"
    (limit,) = [each for each in costs.egress.limits if "witness seal does not count" in each]
    assert f"the Unix socket {place}/pymp-" in limit
    assert "--env TMPDIR=/dev/shm" in limit
    kept = run("--seal", "--env", "TMPDIR=/dev/shm", *command)
    assert kept.exit_code == 0, kept.stderr
    assert kept.egress.level == "enforced"


def _in_a_directory_from_outside(name: str) -> str:
    place = SHM / f"from-outside-{os.getpid()}"
    place.mkdir(exist_ok=True)
    return str(place / name)


@pytest.mark.skipif(not SHM.is_dir(), reason="no such place here")
@pytest.mark.parametrize(
    ("path", "kind", "level"),
    [
        (lambda name: str(SHM / name), "SOCK_STREAM", "enforced"),
        (lambda name: str(SHM / name), "SOCK_DGRAM", "recorded"),
        (_in_a_directory_from_outside, "SOCK_STREAM", "recorded"),
    ],
    ids=["private", "datagrams", "directory-of-outside"],
)
def test_only_what_lies_in_a_file_system_of_the_seals_own_is_no_entrance(
    run: Auditor, path: Callable[[str], str], kind: str, level: str
) -> None:
    where = path(f"socket-{os.getpid()}")
    try:
        done = run("--seal", *python(LISTEN, where, kind))
    finally:
        if Path(where).parent != SHM:
            Path(where).parent.rmdir()
    assert done.exit_code == 0, done.stderr
    assert done.run.command is not None
    assert done.run.command.exit_code == 0
    assert done.egress.level == level
