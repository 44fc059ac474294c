"""Unix sockets in a seal: what leads out of it is refused, whatever is changed between our look and the kernel's."""

from __future__ import annotations

import errno
import platform
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from sealing import run

from showcase.witnesses.syscalls.calls.call import Post
from showcase.witnesses.syscalls.filter.abi import X86_64
from showcase.witnesses.syscalls.filter.listener import Answer, Question
from showcase.witnesses.syscalls.supervisor.dispatch import Dispatcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIBRARY = """
import ctypes, os, socket, struct, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True); place = sys.argv[1]; over = False
def path(name): return ctypes.create_string_buffer(struct.pack("=H", 1) + os.fsencode(name), 110)
def meanwhile(*steps):
    def loop():
        while not over:
            for step in steps: step()
    threading.Thread(target=loop, daemon=True).start()
def quietly(action):
    try: return action()
    except OSError: return None
"""
TRIES = {
    "connect, the text": """
address = path(place + "/gone")
meanwhile(lambda: ctypes.memmove(address, path(place + "/outside"), 110),
          lambda: ctypes.memmove(address, path("\\0showcase-nobody"), 110))
def attempt():
    s = socket.socket(socket.AF_UNIX)
    if libc.connect(s.fileno(), address, 110) == 0: s.send(b"secret")
""",
    "connect, a link": """
address = path(place + "/link"); os.symlink("gone", place + "/link")
def leads(to): os.symlink(to, place + "/new"); os.rename(place + "/new", place + "/link")
meanwhile(lambda: leads("outside"), lambda: leads("gone"))
def attempt():
    s = socket.socket(socket.AF_UNIX)
    if libc.connect(s.fileno(), address, 110) == 0: s.send(b"secret")
""",
    "sendto, the text": """
address = path(place + "/gone")
meanwhile(lambda: ctypes.memmove(address, path(place + "/datagrams"), 110),
          lambda: ctypes.memmove(address, path(place + "/gone"), 110))
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
def attempt(): libc.sendto(s.fileno(), b"secret", 6, 0, address, 110)
""",
    "sendmsg, whether there is a name": """
class Vec(ctypes.Structure): _fields_ = [("base", ctypes.c_char_p), ("len", ctypes.c_size_t)]
class Hdr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint32), ("iov", ctypes.POINTER(Vec)),
                ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int)]
address = path(place + "/datagrams"); header = Hdr(); header.iov, header.iovlen = ctypes.pointer(Vec(b"secret", 6)), 1
def named(): header.name, header.namelen = ctypes.addressof(address), 110
def nameless(): header.name, header.namelen = 0, 0
meanwhile(named, nameless); s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
def attempt(): libc.sendmsg(s.fileno(), ctypes.byref(header), 0)
""",
    "an internet address becomes a path": """
inet = struct.pack("=H", 2) + struct.pack("!H", 9) + socket.inet_aton("127.0.0.1") + bytes(102)
address = ctypes.create_string_buffer(inet, 110); number = os.dup(0)
one, other = socket.socket(), socket.socket(socket.AF_UNIX)
def inwards(): os.dup2(one.fileno(), number); ctypes.memmove(address, inet, 110)
def outwards(): os.dup2(other.fileno(), number); ctypes.memmove(address, path(place + "/outside"), 110)
meanwhile(inwards, outwards)
def attempt():
    if libc.connect(number, address, 110) == 0: libc.send(number, b"secret", 6, 0)
""",
}


class Outside:
    """A process's worth of listeners outside: what they heard."""

    def __init__(self, place: Path) -> None:
        self.heard: list[bytes] = []
        self.stream = socket.socket(socket.AF_UNIX)
        self.stream.bind(str(place / "outside"))
        self.stream.listen(99)
        self.datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.datagrams.bind(str(place / "datagrams"))
        for job in (self._accept, self._receive):
            threading.Thread(target=job, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):  # closed: the test is over
            while True:
                connection, _ = self.stream.accept()
                with connection:
                    self.heard.append(connection.recv(99))

    def _receive(self) -> None:
        with suppress(OSError):
            while True:
                self.heard.append(self.datagrams.recv(99))


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    tmp_path.chmod(0o755)
    listeners = Outside(tmp_path)
    yield listeners
    for each in (listeners.stream, listeners.datagrams):
        each.close()


@pytest.mark.parametrize("way", TRIES)
def test_nothing_that_is_swapped_after_the_look_leads_out(tmp_path: Path, outside: Outside, way: str) -> None:
    script = LIBRARY + TRIES[way] + "\nfor _ in range(500): quietly(attempt)\nover = True; print('done')"
    sealed = run(script, str(tmp_path))
    assert sealed.output == "done\n", sealed.errors
    assert outside.heard == []
    if "text" in way or "name" in way or "link" in way:
        assert sealed.report.counts["crossings refused"] >= 1, "the way out was never tried: this run proves nothing"


def test_what_may_be_used_is_used(tmp_path: Path, outside: Outside) -> None:
    script = "import socket, sys\ns = socket.socket(1); s.connect(sys.argv[1] + '/outside'); s.send(b'told'); s.recv(1)"
    sealed = run(script, str(tmp_path), options=("--unix", str(tmp_path / "outside")))
    assert outside.heard == [b"told"], sealed.errors
    (row,) = [row for row in sealed.calls if row.kind == "connect"]
    assert (row.outcome, row.peer) == ("ok", "unwatched")


def test_a_path_that_is_bound_can_be_entered_from_outside(tmp_path: Path) -> None:
    sealed = run("import socket, sys; l = socket.socket(1); l.bind(sys.argv[1] + '/inside'); l.listen()", str(tmp_path))
    assert not sealed.coverage.complete
    assert "can be entered from outside" in sealed.coverage.note


def test_low_ports_are_not_for_the_sealed() -> None:
    script = (
        "import socket\n"
        "def quietly(port):\n"
        "    try: socket.socket().bind(('127.0.0.1', port)); return 0\n"
        "    except OSError as error: return error.errno\n"
        "print(quietly(80), quietly(0))"
    )
    assert run(script).output == "13 0\n", "EACCES, although its supervisor owns the namespace"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86_64")
def test_what_cannot_be_looked_at_is_refused() -> None:
    """A thread that nobody can read, by a kernel that refuses: the call is not made, whatever it names."""
    answered = []

    class Listening:
        def waits(self, _question: object) -> bool:
            return True

        def reply(self, _question: object, answer: Answer | None) -> bool:
            answered.append(answer)
            return True

    class Writing:
        def write(self, event: str, **_fields: object) -> None:
            assert event == "unread"

    for station, expected in ((None, None), (object(), Answer(error=errno.EPERM))):
        post = Post(Listening(), Writing(), station, None, None, {})  # type: ignore[arg-type]
        gone = Question(1, 2**22 + 1, X86_64.numbers["connect"], X86_64.arch, (0,) * 6)
        assert Dispatcher(post).answer(gone) is None
        assert answered.pop() == expected
