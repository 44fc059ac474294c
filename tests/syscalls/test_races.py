"""What is written down is what the kernel was given, whatever a second thread changes between our look and its use."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from watching import Watch, Watcher

LIBRARY = """
import ctypes, errno, json, os, socket, struct, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def inet(port): return struct.pack("=H", 2) + struct.pack("!H", port) + socket.inet_aton("127.0.0.1") + bytes(8)
class Vec(ctypes.Structure): _fields_ = [("base", ctypes.c_char_p), ("len", ctypes.c_size_t)]
class Hdr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint32), ("iov", ctypes.POINTER(Vec)),
                ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int)]
over = False
def meanwhile(*steps):
    def loop():
        while not over:
            for step in steps: step()
    thread = threading.Thread(target=loop, daemon=True); thread.start()
"""


def told(seen: Watch) -> dict[str, int]:
    """Return how often each port heard something, as the program itself counted."""
    assert seen.returncode == 0, seen.errors
    return dict(json.loads(seen.output))


def recorded(seen: Watch, kind: str) -> dict[str, int]:
    rows = seen.of(kind)
    return {str(port): sum(row.count for row in rows if row.port == port) for port in {row.port for row in rows}}


def test_a_message_that_gets_a_name_after_the_look_goes_where_it_was_seen_to_go(watch: Watcher) -> None:
    script = (
        LIBRARY
        + """
heard = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(2)]
for each in heard: each.bind(("127.0.0.1", 0)); each.setblocking(False)
ports = [each.getsockname()[1] for each in heard]
names = [ctypes.create_string_buffer(inet(port), 16) for port in ports]
s = socket.socket(type=socket.SOCK_DGRAM); s.connect(("127.0.0.1", ports[0]))
header = Hdr(); header.iov, header.iovlen = ctypes.pointer(Vec(b"secret", 6)), 1
def named(): header.name, header.namelen = ctypes.addressof(names[1]), 16
def nameless(): header.name, header.namelen = 0, 0
meanwhile(named, nameless)
count = {str(port): 0 for port in ports}
for _ in range(600):
    libc.sendmsg(s.fileno(), ctypes.byref(header), 0)
    for each, port in zip(heard, ports):
        try: each.recv(9); count[str(port)] += 1
        except BlockingIOError: pass
over = True
print(json.dumps(count))
"""
    )
    seen = watch(script)
    count = told(seen)
    assert all(count.values()), "the name was never flipped in time: this run proves nothing"
    assert recorded(seen, "send") == count


def test_a_number_that_names_another_socket_after_the_look_reaches_nobody_unseen(watch: Watcher) -> None:
    """Of a connection that waits: the caller is not sent into its own call, so there is nothing to redirect."""
    script = (
        LIBRARY
        + """
full = socket.socket(); full.bind(("127.0.0.1", 0)); full.listen(0); filler = []
for _ in range(2):
    s = socket.socket(); s.setblocking(False); s.connect_ex(full.getsockname()); filler.append(s)
time.sleep(0.1)
outside = int(sys.argv[1])
address = ctypes.create_string_buffer(inet(full.getsockname()[1]), 16)
waits, other = socket.socket(), socket.socket()
def redirect():
    time.sleep(0.4); ctypes.memmove(address, inet(outside), 16); os.dup2(other.fileno(), waits.fileno())
    time.sleep(0.4); [full.accept() for _ in range(2)]
threading.Thread(target=redirect).start()
print(libc.connect(waits.fileno(), address, 16))
try: print(other.getpeername()[1])
except OSError: print("nowhere")
"""
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        seen = watch([sys.executable, "-c", script, str(port)])
    assert seen.output == "0\nnowhere\n", seen.errors
    assert port not in seen.ports()
    assert seen.report.counts["as read"] == 0


def test_a_socket_that_is_swapped_for_another_kind_after_the_look_sends_nothing_unseen(watch: Watcher) -> None:
    script = (
        LIBRARY
        + """
heard = socket.socket(type=socket.SOCK_DGRAM); heard.bind(("127.0.0.1", 0)); heard.setblocking(False)
port = heard.getsockname()[1]; name = ctypes.create_string_buffer(inet(port), 16)
stream, datagram, closed = socket.socket(), socket.socket(type=socket.SOCK_DGRAM), os.open("/dev/null", os.O_RDONLY)
number = os.dup(closed)
meanwhile(*(lambda which=which: os.dup2(which, number) for which in (closed, stream.fileno(), datagram.fileno())))
count = 0
for _ in range(600):
    libc.sendto(number, b"secret", 6, 0, name, 16)
    try: heard.recv(9); count += 1
    except BlockingIOError: pass
over = True
print(json.dumps({port: count}))
"""
    )
    seen = watch(script)
    count = told(seen)
    assert 0 < sum(count.values()) < 600, "the number was never redirected in time: this run proves nothing"
    assert recorded(seen, "send") == count


def test_a_listener_waits_where_it_was_seen_to_bind(watch: Watcher) -> None:
    script = (
        LIBRARY
        + """
addresses = [inet(0), struct.pack("=HH", 2, 0) + bytes(12)]
address = ctypes.create_string_buffer(addresses[0], 16)
meanwhile(*(lambda raw=raw: ctypes.memmove(address, raw, 16) for raw in addresses))
kept, everywhere = [], 0
for _ in range(200):
    s = socket.socket(); libc.bind(s.fileno(), address, 16); s.listen(); kept.append(s)
    everywhere += s.getsockname()[0] == "0.0.0.0"
over = True
print(json.dumps({"everywhere": everywhere}))
"""
    )
    seen = watch(script)
    everywhere = told(seen)["everywhere"]
    assert 0 < everywhere < 200, "the address was never flipped in time: this run proves nothing"
    rows = [record for record in seen.records if record.get("call") == "listen"]
    assert sum(record["address"] == "0.0.0.0" for record in rows) == everywhere  # noqa: S104
    bound = [record for record in seen.records if record.get("call") == "bind"]
    assert sum(record["address"] == "0.0.0.0" for record in bound) == everywhere  # noqa: S104


WHO = (
    LIBRARY
    + """
def speak():
    if sys.argv[1] == "own": print(libc.unshare(0x400))  # CLONE_FILES: descriptors of its own
    time.sleep(0.2)
    kept = [os.open("/dev/null", os.O_RDONLY) for _ in range(5)]  # numbers that the leader has not
    u = socket.socket(type=socket.SOCK_DGRAM); u.sendto(b"secret", ("127.0.0.1", int(sys.argv[2])))
    c = socket.socket(); c.connect_ex(("127.0.0.1", int(sys.argv[2])))
    sys.stdout.flush(); os._exit(0)
threading.Thread(target=speak).start()
if sys.argv[1] == "gone": libc.pthread_exit(None)
time.sleep(30)
"""
)


@pytest.mark.parametrize("who", ["own", "gone"])
def test_a_thread_speaks_for_itself(watch: Watcher, who: str) -> None:
    """Its leader has ended, or has other descriptors: a look there would find nothing, or somebody else's socket."""
    with socket.socket(type=socket.SOCK_DGRAM) as heard:
        heard.bind(("127.0.0.1", 0))
        heard.settimeout(5)
        port = heard.getsockname()[1]
        seen = watch([sys.executable, "-c", WHO, who, str(port)])
        assert heard.recv(9) == b"secret", seen.errors
    assert seen.ports("send") == [port]
    assert seen.ports("connect") == [port]
    assert seen.coverage.complete, seen.coverage.note


UNIX = (
    LIBRARY
    + """
place = sys.argv[1]
def path(name): return ctypes.create_string_buffer(struct.pack("=H", 1) + os.fsencode(name), 110)
def connects(address):
    s = socket.socket(socket.AF_UNIX); result = libc.connect(s.fileno(), address, 110)
    if result: return False
    s.send(b"secret"); s.settimeout(5); return s.recv(9) == b"answer"
"""
)
SWAPS = {
    "the text": """
address = path(place + "/gone"); other = path(place + "/outside")
meanwhile(lambda: ctypes.memmove(address, path(place + "/gone"), 110), lambda: ctypes.memmove(address, other, 110))
""",
    "a link": """
address = path(place + "/link")
def leads(to): os.symlink(to, place + "/new"); os.rename(place + "/new", place + "/link")
leads("gone"); meanwhile(lambda: leads("outside"), lambda: leads("gone"))
""",
    "a directory": """
os.mkdir(place + "/here"); os.mkdir(place + "/with"); os.link(place + "/outside", place + "/with/s")
address = path("s")
os.chdir(place + "/here"); meanwhile(lambda: os.chdir(place + "/with"), lambda: os.chdir(place + "/here"))
""",
    "a name": """
address = path(place + "/moves")
def move(one, other):
    try: os.rename(place + "/" + one, place + "/" + other)
    except OSError: pass
meanwhile(lambda: move("outside", "moves"), lambda: move("moves", "outside"))
""",
}


@pytest.mark.parametrize("swap", SWAPS)
def test_a_path_that_is_swapped_after_the_look_is_written_down_where_it_led(
    watch: Watcher, tmp_path: Path, swap: str
) -> None:
    tmp_path.chmod(0o755)
    server = (
        "import socket, sys; l = socket.socket(socket.AF_UNIX); l.bind(sys.argv[1]); l.listen(99)\n"
        "print(flush=True)\n"
        "while True: c, _ = l.accept(); c.recv(9); c.send(b'answer')"
    )
    script = UNIX + SWAPS[swap] + "\ngot = sum(connects(address) for _ in range(300)); over = True; print(got)"
    with subprocess.Popen(
        [sys.executable, "-c", server, str(tmp_path / "outside")], stdout=subprocess.PIPE, cwd=tmp_path
    ) as outside:
        assert outside.stdout is not None
        outside.stdout.readline()
        seen = watch([sys.executable, "-c", script, str(tmp_path)])
        outside.kill()
    got = int(seen.output)
    assert 0 < got < 300, "nothing was swapped in time: this run proves nothing"
    rows = seen.of("connect")
    assert sum(row.count for row in rows if row.peer == "unwatched") >= got
