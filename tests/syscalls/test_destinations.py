"""Every way in which a program names a destination leaves a record with the destination in it."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from watching import Watcher

DNS_QUERY = (
    "query = bytes.fromhex('123401000001000000000000') + b'\\x06secret\\x07example\\x00' + b'\\x00\\x01\\x00\\x01'\n"
)
SENDMMSG = """
import ctypes, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
class Vec(ctypes.Structure): _fields_ = [("base", ctypes.c_char_p), ("len", ctypes.c_size_t)]
class Hdr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint32), ("iov", ctypes.POINTER(Vec)),
                ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int)]
class MHdr(ctypes.Structure): _fields_ = [("hdr", Hdr), ("len", ctypes.c_uint)]
def address(port): return struct.pack("=H", 2) + struct.pack("!H", port) + socket.inet_aton("127.0.0.1") + bytes(8)
kept = []
def messages(*parts):
    array = (MHdr * len(parts))()
    for each, (to, payload) in zip(array, parts):
        each.hdr.iov, each.hdr.iovlen = ctypes.pointer(Vec(payload, len(payload))), 1
        if to:
            kept.append(ctypes.create_string_buffer(to, 16))
            each.hdr.name, each.hdr.namelen = ctypes.addressof(kept[-1]), 16
    return array
"""


def connect_script(family: str, address: tuple[object, ...]) -> str:
    return f"import socket; s = socket.socket(socket.{family}); print(s.connect_ex({address!r}))"


def test_refused_connect_is_recorded_with_process_and_moment(watch: Watcher) -> None:
    seen = watch(connect_script("AF_INET", ("127.0.0.1", 9)) + "; import os; print(os.getpid())")
    (attempt,) = seen.of("connect")
    assert (attempt.family, attempt.address, attempt.port, attempt.transport) == ("inet", "127.0.0.1", 9, "tcp")
    assert str(attempt.pid) == seen.output.split()[1]
    assert attempt.process is not None
    assert attempt.process.startswith("python")
    assert seen.coverage.from_s is not None
    assert seen.coverage.until_s is not None
    assert seen.coverage.from_s <= attempt.first_seen_s <= attempt.last_seen_s <= seen.coverage.until_s
    assert seen.coverage.complete


def test_nothing_is_recorded_of_a_program_that_names_nobody(watch: Watcher) -> None:
    seen = watch("import json, sqlite3; print(json.dumps(1)); open('/dev/null', 'wb').write(b'x' * 100)")
    assert seen.attempts == ()
    assert seen.coverage.complete


def test_ipv6(watch: Watcher) -> None:
    (attempt,) = watch(connect_script("AF_INET6", ("::1", 9))).of("connect")
    assert (attempt.family, attempt.address, attempt.port) == ("inet6", "::1", 9)


def test_connections_are_counted_not_sampled(watch: Watcher) -> None:
    script = """
import socket, threading
def many():
    for _ in range(100):
        with socket.socket() as s: s.connect_ex(("127.0.0.1", 9))
threads = [threading.Thread(target=many) for _ in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
"""
    (attempt,) = watch(script).of("connect")
    assert attempt.count == 400


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("s.sendto(b'x' * 20, ('127.0.0.1', 9))", "send"),
        ("s.sendto(b'', ('127.0.0.1', 9))", "send"),
        ("s.sendmsg([b'x', b'y'], [], 0, ('127.0.0.1', 9))", "send"),
        ("s.sendmsg([b'x'], [(0, 2, b'\\x40\\0\\0\\0')], 0, ('127.0.0.1', 9))", "send"),
        ("s.bind(('127.0.0.1', 40009))", "listen"),
    ],
)
def test_datagram_with_an_address(watch: Watcher, call: str, kind: str) -> None:
    port = 40009 if kind == "listen" else 9
    seen = watch(f"import socket; s = socket.socket(type=socket.SOCK_DGRAM); {call}")
    (attempt,) = seen.attempts
    assert (attempt.kind, attempt.address, attempt.port, attempt.transport) == (kind, "127.0.0.1", port, "udp")


def test_a_datagram_arrives_whole_and_from_the_socket_it_was_sent_on(watch: Watcher) -> None:
    script = """
import socket
here, there = (socket.socket(type=socket.SOCK_DGRAM) for _ in range(2))
for each in (here, there): each.bind(("127.0.0.1", 0))
there.settimeout(5)
payload = bytes(range(256)) * 200
print(here.sendto(payload, there.getsockname()) == len(payload))
got, sender = there.recvfrom(65535)
print(got == payload, sender == here.getsockname())
print(here.sendmsg([b"ab", b"", b"cd"], [], 0, there.getsockname()), there.recv(9))
"""
    assert watch(script).output == "True\nTrue True\n4 b'abcd'\n"


def test_each_message_of_sendmmsg(watch: Watcher) -> None:
    script = (
        SENDMMSG
        + """
s = socket.socket(type=socket.SOCK_DGRAM); r = socket.socket(type=socket.SOCK_DGRAM); r.bind(("127.0.0.1", 0))
r.settimeout(5)
array = messages((address(r.getsockname()[1]), b"first"), (address(9), b"second"))
print(libc.sendmmsg(s.fileno(), array, 2, 0), [each.len for each in array], r.recv(99), r.getsockname()[1])
"""
    )
    seen = watch(script)
    *told, port = seen.output.rsplit(" ", 1)
    assert told == ["2 [5, 6] b'first'"]
    assert set(seen.ports("send")) == {9, int(port)}


def test_names_are_read_from_every_call_that_carries_dns(watch: Watcher) -> None:
    script = (
        SENDMMSG
        + DNS_QUERY
        + """
import os
s = socket.socket(type=socket.SOCK_DGRAM); s.connect(("127.0.0.1", 53))
def named(n): return query.replace(b"secret", b"call-%d" % n)
def quietly(f):
    try: f()
    except ConnectionRefusedError: pass
quietly(lambda: s.send(named(1)))
quietly(lambda: os.write(s.fileno(), named(2)))
quietly(lambda: os.writev(s.fileno(), [named(3)[:9], named(3)[9:]]))
quietly(lambda: s.sendmsg([named(4)]))
libc.sendmmsg(s.fileno(), messages((None, named(5)), (None, named(6))), 2, 0)
socket.socket(type=socket.SOCK_DGRAM).sendto(named(7), ("127.0.0.2", 53))
"""
    )
    seen = watch(script)
    names = [attempt.name for attempt in seen.of("lookup")]
    assert set(names) >= {f"call-{n}.example" for n in (1, 4, 5, 7)}
    # An earlier refusal may be reported by the next call in place of sending; what was asked for is seen all the same.
    assert set(names) == {f"call-{n}.example" for n in range(1, 8)}
    assert {attempt.port for attempt in seen.of("lookup")} == {53}


def test_udp_connect_without_a_send_is_told_from_one_with(watch: Watcher) -> None:
    script = """
import os, socket
probe = socket.socket(type=socket.SOCK_DGRAM); probe.connect(("127.0.0.1", 4001))
used = socket.socket(type=socket.SOCK_DGRAM); used.connect(("127.0.0.1", 4002))
os.write(used.fileno(), b"leak!")
"""
    outcomes = {attempt.port: attempt.outcome for attempt in watch(script).of("connect")}
    assert outcomes == {4001: "route probe, nothing was sent", 4002: "sent to"}


def test_fast_open(watch: Watcher) -> None:
    script = """
import socket
s = socket.socket()
try: s.sendto(b"x", 0x20000000, ("127.0.0.1", 9))
except OSError as error: print(error.errno)
"""
    (attempt,) = watch(script).of("send")
    assert (attempt.transport, attempt.port) == ("tcp", 9)


def test_listen_tells_the_address(watch: Watcher) -> None:
    seen = watch("import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); print(s.getsockname()[1])")
    (attempt,) = seen.of("listen")
    assert (attempt.address, attempt.port) == ("127.0.0.1", int(seen.output))


def test_unix_paths_and_abstract_names(watch: Watcher, tmp_path: Path) -> None:
    path = tmp_path / "proxy"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        seen = watch(
            "import socket\n"
            f"print(socket.socket(socket.AF_UNIX).connect_ex({str(path)!r}))\n"
            f"print(socket.socket(socket.AF_UNIX).connect_ex({str(path)!r} + '.gone') > 0)\n"
            "print(socket.socket(socket.AF_UNIX).connect_ex('\\0nobody') > 0)\n"
        )
    assert seen.output == "0\nTrue\nTrue\n"
    outcomes = {attempt.name: attempt.outcome for attempt in seen.of("connect")}
    assert outcomes == {str(path): None, f"{path}.gone": "no such socket", "@nobody": "ECONNREFUSED"}
    assert {attempt.name: attempt.peer for attempt in seen.of("connect")}[str(path)] == "unwatched"


@pytest.mark.parametrize(
    ("arguments", "family", "transport"),
    [
        ("socket.AF_PACKET, socket.SOCK_RAW", "packet", "raw"),
        ("socket.AF_INET, socket.SOCK_RAW, 253", "inet", "raw"),
        ("socket.AF_VSOCK, socket.SOCK_STREAM", "vsock", "stream"),
    ],
)
def test_odd_sockets_are_recorded_even_where_they_are_refused(
    watch: Watcher, arguments: str, family: str, transport: str
) -> None:
    script = f"import socket\ntry: socket.socket({arguments})\nexcept OSError: pass"
    (attempt,) = watch(script).of("socket")
    assert (attempt.family, attempt.transport) == (family, transport)


def test_io_uring_is_refused_and_recorded(watch: Watcher) -> None:
    script = (
        "import ctypes; l = ctypes.CDLL(None, use_errno=True); print(l.syscall(425, 8, bytes(120)), ctypes.get_errno())"
    )
    seen = watch(script)
    assert seen.output == "-1 38\n"
    (attempt,) = seen.of("socket")
    assert (attempt.family, attempt.outcome) == ("io_uring", "ENOSYS")


def test_reaching_into_another_process_is_recorded(watch: Watcher) -> None:
    script = """
import ctypes, os, signal, sys
libc = ctypes.CDLL(None, use_errno=True)
child = os.fork()
if child == 0: signal.pause()
libc.ptrace(16, child, None, None); os.waitpid(child, 0x40000000)
libc.process_vm_writev(child, None, 0, None, 0, 0)
libc.syscall(438, os.pidfd_open(child), 0, 0)
outside = int(sys.argv[1])
libc.ptrace(16, outside, None, None)
refused = libc.ptrace(16, os.getppid(), None, None), ctypes.get_errno()
os.kill(child, 9); print(child, os.getppid(), *refused)
"""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        seen = watch([sys.executable, "-c", script, str(bystander.pid)])
        bystander.kill()
    child, supervisor, *refused = seen.output.split()
    assert refused == ["-1", "1"]
    reached = {(attempt.family, attempt.name, attempt.outcome) for attempt in seen.of("reach")}
    inside = "inside the watched tree"
    assert reached == {
        ("ptrace", f"process {child}", inside),
        ("process_vm_writev", f"process {child}", inside),
        ("pidfd_getfd", f"process {child}", inside),
        ("ptrace", f"process {bystander.pid}", "outside of the watched tree"),
        ("ptrace", f"process {supervisor}", "outside of the watched tree, refused"),
    }
