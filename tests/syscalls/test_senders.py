"""Who is at the other end of a Unix socket is told by the kernel, and it is not us: browsers go by what they are told.

A browser's zygote says in this way which number its children have; with another one the browser waits for good.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from watching import Watcher

TOLD = """
import array, ctypes, json, os, socket, struct, sys, threading, time
SO_PASSCRED, SCM_CREDENTIALS = 16, 2
def sender(receiver):
    receiver.setsockopt(socket.SOL_SOCKET, SO_PASSCRED, 1)
    return lambda: next(struct.unpack("iII", data)[0] for _, kind, data in receiver.recvmsg(9, 64)[1]
                        if kind == SCM_CREDENTIALS)
"""


@pytest.mark.parametrize("kind", ["SOCK_STREAM", "SOCK_SEQPACKET"])
@pytest.mark.parametrize("options", [(), ("--seal", "")], ids=["watched", "sealed"])
def test_a_child_is_known_by_its_own_number(watch: Watcher, kind: str, options: tuple[str, ...]) -> None:
    script = (
        TOLD
        + f"""
inside, outside = socket.socketpair(socket.AF_UNIX, socket.{kind})
told = sender(inside)
child = os.fork()
if not child:
    outside.sendmsg([b"ping"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [outside.fileno()]))])
    who = struct.pack("iII", os.getpid(), os.getuid(), os.getgid())
    outside.sendmsg([b"ping"], [(socket.SOL_SOCKET, SCM_CREDENTIALS, who)])
    os._exit(0)
numbers = [told(), told()]
os.waitpid(child, 0)
print(json.dumps([number - child for number in numbers]))
"""
    )
    seen = watch(script, *options)
    assert json.loads(seen.output) == [0, 0], seen.errors
    assert seen.coverage.complete, seen.coverage.note


SWAPPED = """
libc = ctypes.CDLL(None, use_errno=True)
class Vec(ctypes.Structure): _fields_ = [("base", ctypes.c_char_p), ("len", ctypes.c_size_t)]
class Hdr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("namelen", ctypes.c_uint32), ("iov", ctypes.POINTER(Vec)),
                ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int)]
heard = socket.socket(type=socket.SOCK_DGRAM); heard.bind(("127.0.0.1", 0)); heard.setblocking(False)
name = struct.pack("=H", 2) + struct.pack("!H", heard.getsockname()[1]) + socket.inet_aton("127.0.0.1") + bytes(8)
one, other = socket.socketpair(); one.setblocking(False); other.setblocking(False)
datagram = socket.socket(type=socket.SOCK_DGRAM)
number = os.dup(one.fileno())
header = Hdr(name, 16, ctypes.pointer(Vec(b"secret", 6)), 1, None, 0, 0)
def swap():
    while True:
        for which in (one, datagram): os.dup2(which.fileno(), number)
"""


@pytest.mark.parametrize(
    "who", ["a thread", "a process that shares the descriptors", "a thread of one whose first has ended"]
)
def test_a_number_that_names_a_datagram_socket_after_the_look_sends_nothing_unseen(watch: Watcher, who: str) -> None:
    """A Unix socket when it is looked at, one of the internet when the kernel looks, with a name in the message."""
    start = {
        "a thread": "threading.Thread(target=swap, daemon=True).start(); end = lambda: None",
        "a process that shares the descriptors": SHARED.format(work="swap()"),
        "a thread of one whose first has ended": SHARED.format(work="leave_it_to_a_thread()"),
    }[who]
    script = (
        TOLD
        + SWAPPED
        + start
        + """
count = 0
for _ in range(1500):
    libc.sendmsg(number, ctypes.byref(header), 0)
    try: heard.recv(9); count += 1
    except BlockingIOError: pass
    try: other.recv(99)
    except BlockingIOError: pass
end()
print(json.dumps(count))
sys.stdout.flush(); os._exit(0)
"""
    )
    seen = watch(script)
    heard = int(json.loads(seen.output or "0"))
    assert heard, f"the number was never redirected in time: this run proves nothing; {seen.errors}"
    assert sum(row.count for row in seen.of("send")) == heard


SHARED = """
import signal
def leave_it_to_a_thread():
    threading.Thread(target=swap, daemon=True).start()
    libc.syscall(EXIT, 0)  # the first thread ends, so the table is its second's alone
EXIT = {{"x86_64": 60, "aarch64": 93}}[os.uname().machine]
CLONE = {{"x86_64": 56, "aarch64": 220}}[os.uname().machine]
child = libc.syscall(CLONE, 0x400 | signal.SIGCHLD, 0, 0, 0, 0)
if not child:
    {work}
end = lambda: os.kill(child, signal.SIGKILL)
"""
