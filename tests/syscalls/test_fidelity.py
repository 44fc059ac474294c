"""A watched program cannot tell, from what its calls do, that it is watched; and its records are true."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from watching import Watcher

FULL = """
import errno, os, signal, socket, sys, time
listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen(0)
address = listener.getsockname()
filler = []
for _ in range(2):  # fill the backlog: whoever comes next waits
    s = socket.socket(); s.setblocking(False); s.connect_ex(address); filler.append(s)
time.sleep(0.1)
"""
BEHAVIOURS = {
    "refused": "import socket; print(socket.socket().connect_ex(('127.0.0.1', 9)))",
    "refused after non-blocking": """
import select, socket
s = socket.socket(); s.setblocking(False)
print(s.connect_ex(("127.0.0.1", 9)))
select.select([], [s], [], 5); print(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
""",
    "accepted, then again": """
import socket
l = socket.socket(); l.bind(("127.0.0.1", 0)); l.listen()
s = socket.socket(); print(s.connect_ex(l.getsockname()), s.connect_ex(l.getsockname()))
c, peer = l.accept(); print(peer == s.getsockname()); s.sendall(b"abc"); print(c.recv(9)); print(s.getblocking())
""",
    "non-blocking, three times": """
import select, socket
l = socket.socket(); l.bind(("127.0.0.1", 0)); l.listen()
s = socket.socket(); s.setblocking(False); print(s.connect_ex(l.getsockname()))
select.select([], [s], [], 5); print(s.connect_ex(l.getsockname()), s.connect_ex(l.getsockname()), s.getblocking())
""",
    "send timeout of the kernel": FULL
    + """
import struct
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 200_000))
began = time.monotonic(); print(errno.errorcode[s.connect_ex(address)], 0.15 < time.monotonic() - began < 5)
""",
    "interrupted by a signal": FULL
    + """
import ctypes
signal.signal(signal.SIGALRM, lambda *_: print("alarm")); signal.siginterrupt(signal.SIGALRM, True)
signal.setitimer(signal.ITIMER_REAL, 0.2)
s = socket.socket(); libc = ctypes.CDLL(None, use_errno=True)
raw = (2).to_bytes(2, sys.byteorder) + address[1].to_bytes(2, "big") + socket.inet_aton("127.0.0.1") + bytes(8)
result = libc.connect(s.fileno(), raw, 16); print(result, errno.errorcode[ctypes.get_errno()])
""",
    "restarted after a signal": FULL
    + """
import threading
signal.signal(signal.SIGALRM, lambda *_: print("alarm")); signal.siginterrupt(signal.SIGALRM, False)
threading.Timer(0.5, lambda: [listener.accept() for _ in range(2)]).start()
signal.setitimer(signal.ITIMER_REAL, 0.2)
s = socket.socket(); print(s.connect_ex(address), s.getblocking())
""",
    "disconnect": """
import ctypes, socket
s = socket.socket(type=socket.SOCK_DGRAM); s.connect(("127.0.0.1", 9))
print(ctypes.CDLL(None).connect(s.fileno(), bytes(16), 16))
try: s.getpeername()
except OSError as error: print(error.errno)
""",
    "wrong arguments": """
import ctypes, os, socket
l = ctypes.CDLL(None, use_errno=True)
def call(*a): ctypes.set_errno(0); return l.connect(*a), ctypes.get_errno()
raw = bytes([2, 0, 0, 9, 127, 0, 0, 1]) + bytes(8)
s = socket.socket(); r, w = os.pipe()
print(call(99, raw, 16), call(w, raw, 16))
print([call(s.fileno(), raw, length) for length in (4, 200, -1)])
print(call(s.fileno(), bytes([1, 0]) + bytes(14), 16))
s6 = socket.socket(socket.AF_INET6); print(call(s6.fileno(), raw, 16))
""",
    "datagram errors": """
import socket
s = socket.socket(type=socket.SOCK_DGRAM)
for size in (0, 1, 65507, 65508, 70000):
    try: print(s.sendto(bytes(size), ("127.0.0.1", 9)))
    except OSError as error: print(error.errno)
try: s.sendto(b"x", ("255.255.255.255", 9))
except OSError as error: print(error.errno)
try: s.send(b"x")
except OSError as error: print(error.errno)
""",
    "a unix peer sees who connects": """
import os, socket, struct
l = socket.socket(socket.AF_UNIX); l.bind("\\0showcase-peer-%d" % os.getpid()); l.listen()
s = socket.socket(socket.AF_UNIX); s.connect(l.getsockname()); c, _ = l.accept()
print(struct.unpack("3i", c.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0] == os.getpid())
""",
    "descriptors passed along": """
import os, socket
a, b = socket.socketpair(); r, w = os.pipe(); socket.send_fds(a, [b"x"], [w])
_, fds, _, _ = socket.recv_fds(b, 9, 1); os.write(fds[0], b"through"); print(os.read(r, 99))
""",
    "asyncio": """
import asyncio
async def main():
    server = await asyncio.start_server(lambda r, w: (w.write(b"hello"), w.close()), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async def one():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try: return await reader.read()
        finally: writer.close()
    print(await asyncio.gather(*(one() for _ in range(20))))
    server.close()
asyncio.run(main())
""",
}


@pytest.mark.parametrize("script", BEHAVIOURS.values(), ids=BEHAVIOURS.keys())
def test_behaves_as_without_the_witness(watch: Watcher, script: str) -> None:
    plain = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert plain.stdout, plain.stderr
    seen = watch(script)
    assert (seen.output, seen.errors, seen.returncode) == (plain.stdout, plain.stderr, plain.returncode)
    assert seen.coverage.complete


def test_a_call_that_the_caller_made_itself_is_counted_as_such(watch: Watcher) -> None:
    script = """
import socket, struct
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 5, 0))
s.connect_ex(("127.0.0.1", 9)); socket.socket().connect_ex(("127.0.0.1", 9))
"""
    seen = watch(script)
    assert seen.report.counts["as read"] == 1
    assert sorted(str(attempt.outcome) for attempt in seen.of("connect")) == ["ECONNREFUSED", "as read"]


def test_where_a_connected_socket_leads_is_the_kernels_word(watch: Watcher) -> None:
    script = """
import os, socket
s = socket.socket(type=socket.SOCK_DGRAM); s.connect(("127.0.0.1", 4008)); s.send(b"x"); os.write(s.fileno(), b"yy")
"""
    assert watch(script).report.counts["as read"] == 0


FLIP = """
import ctypes, json, socket, struct, threading
libc = ctypes.CDLL(None, use_errno=True)
listeners = [socket.socket() for _ in range(2)]
for each in listeners: each.bind(("127.0.0.1", 0)); each.listen(1000)
ports = [struct.pack("!H", each.getsockname()[1]) for each in listeners]
address = ctypes.create_string_buffer(struct.pack("=H", 2) + ports[0] + socket.inet_aton("127.0.0.1") + bytes(8), 16)
done = False
def flip():
    while not done:
        for port in ports: ctypes.memmove(ctypes.addressof(address) + 2, port, 2)
threading.Thread(target=flip).start()
truth = []
for _ in range(400):
    with socket.socket(type=KIND) as s:
        libc.connect(s.fileno(), ctypes.byref(address), 16)
        truth.append(s.getpeername()[1])
done = True
print(json.dumps(truth))
"""


@pytest.mark.parametrize("kind", ["socket.SOCK_DGRAM", "socket.SOCK_STREAM"])
def test_an_address_that_is_changed_meanwhile_is_recorded_as_it_was_used(watch: Watcher, kind: str) -> None:
    seen = watch(FLIP.replace("KIND", kind))
    truth = json.loads(seen.output)
    assert len(set(truth)) == 2, "the address was never flipped in time: this run proves nothing"
    connects = [record for record in seen.records if record.get("call") == "connect"]
    assert [record["port"] for record in connects] == truth
    assert {record["by"] for record in connects} == {"supervisor"}


@pytest.mark.skipif(importlib.util.find_spec("test.test_socket") is None, reason="this Python ships without its tests")
def test_pythons_own_socket_tests_pass_as_they_do_without(watch: Watcher) -> None:
    classes = (
        "BasicTCPTest",
        "BasicUDPTest",
        "NonBlockingTCPTests",
        "TCPTimeoutTest",
        "NetworkConnectionBehaviourTest",
    )
    classes += ("InterruptedSendTimeoutTest", "SendmsgUDPTest", "RecvmsgUDPTest", "BasicSocketPairTest")
    command = [sys.executable, "-m", "unittest", *(f"test.test_socket.{name}" for name in classes)]

    def verdict(errors: str) -> tuple[str, str]:
        ran, result = [line for line in errors.splitlines() if line.startswith(("Ran ", "OK", "FAILED"))]
        return ran.split(" in ")[0], result

    plain = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert verdict(plain.stderr)[1].startswith("OK")
    assert verdict(watch(command).errors) == verdict(plain.stderr)
