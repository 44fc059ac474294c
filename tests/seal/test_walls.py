"""Nothing leaves a seal, and whatever tried is on its wire."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from sealing import QUIETLY, ROOT, run

import showcase
from showcase.clock import RunClock
from showcase.witnesses.seal.agreement import compare
from showcase.witnesses.seal.witness import LANDLOCK_UNSEEN, UNPROTECTED_UNSEEN, SealWitness
from showcase.witnesses.syscalls.witness import SyscallsWitness


@pytest.mark.parametrize(
    ("attempt", "place"),
    [
        ("socket.socket().connect_ex(('192.0.2.7', 443))", ("connect", "tcp", "192.0.2.7", 443)),
        ("socket.socket(socket.AF_INET6).connect_ex(('2001:db8::7', 443))", ("connect", "tcp", "2001:db8::7", 443)),
        ("socket.socket(socket.AF_INET, 1, 262).connect_ex(('192.0.2.7', 80))", ("connect", "mptcp", "192.0.2.7", 80)),
        ("socket.socket(type=2).sendto(b'x', ('192.0.2.7', 9))", ("send", "udp", "192.0.2.7", 9)),
        (
            "socket.socket(socket.AF_INET6, 2).sendto(b'x', ('::ffff:192.0.2.7', 9))",
            ("send", "udp", "::ffff:192.0.2.7", 9),
        ),
    ],
)
def test_every_attempt_stays_inside_and_wire_and_calls_agree(attempt: str, place: tuple[str, str, str, int]) -> None:
    sealed = run(QUIETLY + f"print(quietly(lambda: {attempt}))")
    if sealed.output.strip() in {"92", "93", "94"}:
        pytest.skip("this kernel has no such protocol")
    (row,) = sealed.wire
    assert (row.kind, row.transport, row.address, row.port) == place
    assert row.outcome == "stayed inside the seal"
    assert sealed.report.counts["unexplained"] == 0
    assert sealed.report.counts["packets"] >= 1
    assert sealed.coverage.complete, sealed.coverage.note


def test_a_name_is_asked_written_down_and_not_found() -> None:
    sealed = run(QUIETLY + "print(quietly(lambda: socket.getaddrinfo('collector.example.com', 443)))")
    assert sealed.output == "-2\n"
    lookups = [row for row in sealed.wire if row.kind == "lookup"]
    assert {row.name for row in lookups} == {"collector.example.com"}
    assert all(row.pid is not None for row in lookups), "attributed to the process that asked"
    assert sealed.report.counts["names asked"] >= 1
    assert sealed.coverage.complete, sealed.coverage.note


def test_dns_over_tcp() -> None:
    script = """
import socket
q = bytes.fromhex('123401000001000000000000') + b'\\3one\\7example\\0\\0\\1\\0\\1'
s = socket.create_connection(("192.0.2.53", 53)); s.sendall(len(q).to_bytes(2, "big") + q)
reply = s.recv(999); print(reply[2:4] == q[:2], reply[5] & 15)
"""
    sealed = run(script)
    assert sealed.output == "True 3\n"
    assert "one.example" in {row.name for row in sealed.wire}


@pytest.mark.parametrize(
    ("arguments", "number"), [("socket.AF_VSOCK, 1", "97"), ("socket.AF_PACKET, 3", "1"), ("2, 3, 253", "1")]
)
def test_sockets_that_need_no_address_are_refused(arguments: str, number: str) -> None:
    sealed = run(QUIETLY + f"print(quietly(lambda: socket.socket({arguments})))")
    assert sealed.output.strip() == number
    assert [row.kind for row in sealed.calls] == ["socket"]


def test_nobody_outside_hears_of_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as outside:
        outside.settimeout(0.2)
        port = outside.getsockname()[1]
        sealed = run(QUIETLY + f"print(socket.socket().connect_ex(('127.0.0.1', {port})))")
        assert sealed.output == "111\n"
        with pytest.raises(TimeoutError):
            outside.accept()


def pid_of(local_port: int) -> int | None:
    rows = psutil.net_connections(kind="tcp4")
    return next((row.pid for row in rows if row.laddr.port == local_port and row.raddr), None)


def test_the_bridge_carries_every_byte_both_ways_to_the_allowed_port_alone() -> None:
    peers = []
    with socket.create_server(("127.0.0.1", 0)) as outside:
        port = outside.getsockname()[1]

        def echo() -> None:
            with outside.accept()[0] as connection:
                peers.append(pid_of(connection.getpeername()[1]))
                while data := connection.recv(1 << 16):
                    connection.sendall(data)

        threading.Thread(target=echo, daemon=True).start()
        script = """
import socket, sys, threading
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
data = bytes(range(256)) * 20_000
threading.Thread(target=lambda: (s.sendall(data), s.shutdown(1))).start()
got = bytearray()
while part := s.recv(1 << 16): got += part
print(bytes(got) == data)
"""
        sealed = run(script, str(port), ports=(port,))
    assert sealed.output == "True\n", sealed.errors
    (row,) = sealed.wire
    assert row.outcome == "bridged to the same port outside"
    assert sealed.report.counts["bridged connections"] == 1
    # The far side is the supervisor's own connection. It closes its descriptors to others: only root sees whose it is.
    assert set(peers) == (sealed.supervisors if os.geteuid() == 0 else {None})
    assert sealed.coverage.complete


def test_a_port_may_be_bridged_for_one_role_alone() -> None:
    syscalls = SyscallsWitness()
    seal = SealWitness(syscalls, (1111,))
    seal.more_ports["control"] = (2222,)
    seal.doors["engine"] = 3333
    for witness in (syscalls, seal):
        witness.start(RunClock())
    sealed_to = {role: syscalls.wrap(role, ["true"]) for role in ("session", "control", "engine")}
    assert sealed_to["session"][-4:-2] == ("--seal", "1111")
    assert sealed_to["control"][-4:-2] == ("--seal", "1111,2222")
    assert sealed_to["engine"][-6:-2] == ("--seal", "", "--door", "3333"), "a server asks nobody"
    syscalls.stop()


def test_a_unix_socket_of_the_outside_is_told_from_one_of_the_inside(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    outside = tmp_path / "outside"
    script = """
import socket, sys
l = socket.socket(socket.AF_UNIX); l.bind(sys.argv[2]); l.listen()
for path in sys.argv[1:]: print(socket.socket(socket.AF_UNIX).connect_ex(path))
"""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(outside))
        listener.listen()
        sealed = run(script, str(outside), str(tmp_path / "inside"))
    assert sealed.output == "111\n0\n", sealed.errors
    rows = {row.name: (row.outcome, row.peer) for row in sealed.calls if row.kind == "connect"}
    assert rows == {
        str(outside): ("leads out of the seal, refused", None),
        str(tmp_path / "inside"): ("ok", "watched"),
    }
    assert (sealed.report.counts["crossings refused"], sealed.coverage.complete) == (1, False)
    assert str(outside) not in sealed.coverage.note
    assert f"{tmp_path / 'inside'}, bound inside, can be entered from outside" in sealed.coverage.note


def test_a_sealed_process_changes_neither_this_program_nor_what_is_written_down_of_it() -> None:
    script = (
        QUIETLY
        + """
print(quietly(lambda: open(sys.argv[2], "a")), quietly(lambda: open(os.__file__, "a")))
def records():
    place = f"/proc/{sys.argv[1]}/fd"
    return [open(f"{place}/{n}", "r+b") for n in os.listdir(place) if "memfd" in os.readlink(f"{place}/{n}")]
print(quietly(records))
"""
    )
    sealed = run(script, str(os.getpid()), str(Path(showcase.__file__).with_name("errors.py")))
    program, proc = sealed.output.splitlines()
    ours, python = program.split()
    assert ours == "30", "EROFS"
    assert python in {"30", "13"}, "EROFS, or EACCES where it is another user's anyway"
    assert proc == "13", "EACCES"
    assert UNPROTECTED_UNSEEN not in sealed.report.unseen


THREAD = """
import ctypes, os, socket, sys, threading
def go():
    ctypes.CDLL(None).unshare(0x200)  # CLONE_FS: a directory of its own
    os.chdir(sys.argv[1])
    print(socket.socket(socket.AF_UNIX).connect_ex("plain"))
os.chdir("/")
thread = threading.Thread(target=go); thread.start(); thread.join()
"""
SOCKET = "import os, socket, sys\nw = sys.argv[1]\ns = socket.socket(socket.AF_UNIX)\nprint(s.connect_ex({path}))"
WAYS = {
    "bytes": SOCKET.format(path="os.fsencode(w) + b'/\\xff'"),
    "through proc": SOCKET.format(path="f'/proc/self/fd/{os.open(w, os.O_PATH)}/plain'"),
    "through a link to proc": SOCKET.format(path="f'/dev/fd/{os.open(w, os.O_PATH)}/plain'"),
    "through a link": SOCKET.format(path="w + '/link/plain'"),
    "a thread's directory": THREAD,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_path_that_we_would_follow_otherwise_than_its_caller_is_no_missing_socket(tmp_path: Path, way: str) -> None:
    place = tmp_path / "w"
    place.mkdir()
    (place / "link").symlink_to(place)
    name = os.fsencode(place) + (b"/\xff" if way == "bytes" else b"/plain")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        sealed = run(WAYS[way], str(place))
    assert sealed.output == "111\n", sealed.errors
    (row,) = [row for row in sealed.calls if row.kind == "connect"]
    assert row.outcome == "leads out of the seal, refused"
    assert sealed.report.counts["crossings refused"] == 1


@pytest.mark.parametrize("path", ["w + '/gone'", "w + '/dangling'", "w + '/round'", "w + '/file/x'"])
def test_a_path_that_leads_nowhere_is_said_to(tmp_path: Path, path: str) -> None:
    (tmp_path / "dangling").symlink_to("/no/such/place")
    (tmp_path / "round").symlink_to("round")
    (tmp_path / "file").write_text("")
    sealed = run(SOCKET.format(path=path), str(tmp_path))
    (row,) = [row for row in sealed.calls if row.kind == "connect"]
    assert row.outcome == "no such socket"
    assert sealed.coverage.complete, sealed.coverage.note


def test_the_sealed_have_no_rights_left() -> None:
    script = (
        QUIETLY
        + """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(status["CapEff"], 16), int(status["CapBnd"], 16), os.getuid())
print(libc.setns(os.open("/proc/1/ns/net", os.O_RDONLY), 0) if os.access("/proc/1/ns/net", os.R_OK) else -1)
print(quietly(lambda: open("/proc/sys/net/ipv4/ip_forward", "w")))
"""
    )
    assert run(script).output == f"0 0 {os.getuid()}\n-1\n30\n"


def test_a_process_outside_cannot_be_taken_hold_of() -> None:
    script = (
        QUIETLY
        + """
import ctypes
libc = ctypes.CDLL(None, use_errno=True); pid = int(sys.argv[1])
print(libc.ptrace(16, pid, None, None), libc.process_vm_writev(pid, None, 0, None, 0, 0))
print(quietly(lambda: open(f"/proc/{pid}/mem", "r+b")))
"""
    )
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        sealed = run(script, str(bystander.pid))
        bystander.kill()
    first, second = sealed.output.splitlines()
    assert first == "-1 -1"
    assert [row.outcome for row in sealed.calls] == ["outside of the watched tree, refused"] * 2
    assert second in {"1", "13"}, "a namespace of users refuses what needs no recorded call"


@pytest.mark.parametrize(("versions", "said"), [((7, 6), False), ((6, 5), True), ((0,), True)])
def test_a_fence_that_lets_signals_through_is_said_to(versions: tuple[int, ...], said: bool) -> None:
    sealed = run("import os; print(os.getpid())")
    syscalls = SyscallsWitness()
    seal = SealWitness(syscalls)
    seal.start(RunClock())
    for number, version in enumerate(versions):
        records = [{**each, **({"fence": version} if each["event"] == "sealed" else {})} for each in sealed.records]
        syscalls.records[f"child {number}"] = records
    assert (LANDLOCK_UNSEEN in seal.stop().report.unseen) is said


def test_no_process_outlives_the_seal() -> None:
    script = """
import os, signal, time
if os.fork() == 0:
    os.setsid(); signal.signal(signal.SIGTERM, signal.SIG_IGN); [os.close(n) for n in range(3)]; time.sleep(300)
"""
    sealed = run(script, linger="1.2")
    (outlived,) = [record for record in sealed.records if record["event"] == "outlived"]
    assert not Path(f"/proc/{outlived['pid']}").exists()


def test_a_packet_that_no_call_explains_is_a_gap() -> None:
    sealed = run("import socket; socket.socket(type=2).sendto(b'x', ('192.0.2.7', 9))")
    assert compare(sealed.records).unexplained == ()
    without_calls = [record for record in sealed.records if record["event"] != "call"]
    assert [record["address"] for record in compare(without_calls).unexplained] == ["192.0.2.7"]


def test_where_namespaces_are_forbidden_the_reason_names_what_forbids_them() -> None:
    script = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from showcase.witnesses.seal.witness import SealWitness; from showcase.witnesses.syscalls.witness import SyscallsWitness
print(SealWitness(SyscallsWitness()).unavailable())
"""
    sealed = run(script)
    assert "no user namespace can be made" in sealed.output, sealed.errors
    assert "max_user_namespaces" in sealed.output
