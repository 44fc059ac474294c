"""Targets that hand over bad memory, close it, or are interrupted: the supervisor lives and counts nothing twice."""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from watching import Watcher


@pytest.mark.skipif(platform.machine() != "x86_64", reason="int 0x80 is x86")
def test_a_32_bit_call_from_a_64_bit_program_is_seen(watch: Watcher) -> None:
    script = f"""
import ctypes, socket, struct
libc = ctypes.CDLL(None, use_errno=True); libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
low = libc.mmap(None, {mmap.PAGESIZE}, 7, 0x62, -1, 0)  # MAP_32BIT: pointers of a 32-bit call fit
assert low < 1 << 32
# push rbx; mov eax, edi; mov ebx, esi; mov ecx, edx; int 0x80; pop rbx; ret
ctypes.memmove(low, bytes.fromhex("5389f889f389d1cd805bc3"), 11)
call = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint)(low)
def socketcall(number, *arguments):
    ctypes.memmove(low + 256, struct.pack("=%dI" % len(arguments), *arguments), 4 * len(arguments))
    return call(102, number, low + 256)
ctypes.memmove(low + 512, struct.pack("=H", 2) + struct.pack("!H", 9) + bytes([127, 0, 0, 1]) + bytes(8), 16)
s = socketcall(1, 2, 1, 0)
print(s, socketcall(3, s, low + 512, 16))
"""
    seen = watch(script)
    if seen.returncode == -11 or seen.output.startswith("-38"):
        pytest.skip("this kernel makes no 32-bit calls")
    assert seen.output.endswith(" -111\n")
    (attempt,) = seen.of("connect")
    assert (attempt.address, attempt.port) == ("127.0.0.1", 9)


def test_a_bad_address_is_the_callers_error(watch: Watcher) -> None:
    script = (
        "import ctypes, socket; l = ctypes.CDLL(None, use_errno=True); s = socket.socket(); "
        "print(l.connect(s.fileno(), ctypes.c_void_p(8), 16), ctypes.get_errno())"
    )
    seen = watch(script)
    assert seen.output == "-1 14\n"
    assert seen.coverage.complete


def test_structures_that_end_where_memory_ends_do_not_end_the_supervisor(watch: Watcher) -> None:
    script = """
import ctypes, mmap, socket
libc = ctypes.CDLL(None, use_errno=True); libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
page = mmap.PAGESIZE; base = libc.mmap(None, 2 * page, 3, 0x22, -1, 0); libc.munmap(base + page, page)
s = socket.socket(type=socket.SOCK_DGRAM); edge = ctypes.c_void_p(base + page - 10)
calls = [libc.sendmsg(s.fileno(), edge, 0), libc.sendmmsg(s.fileno(), edge, 3, 0), libc.connect(s.fileno(), edge, 16)]
calls += [libc.sendto(s.fileno(), b"x", 1, 0, edge, 16), libc.writev(s.fileno(), edge, 2)]
calls += [libc.bind(s.fileno(), edge, 16)]
print(calls, ctypes.get_errno()); socket.socket().connect_ex(("127.0.0.1", 9))
"""
    seen = watch(script)
    assert seen.output == "[-1, -1, -1, -1, -1, -1] 14\n"
    assert seen.ports() == [9]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads the memory of every process")
def test_memory_closed_to_the_supervisor_makes_the_coverage_incomplete(watch: Watcher) -> None:
    assert ctypes.CDLL(None).prctl is not None
    seen = watch(
        "import ctypes, socket; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); "
        "print(socket.socket().connect_ex(('127.0.0.1', 9)))"
    )
    assert seen.report.counts["unreadable"] == 1
    assert not seen.coverage.complete


def test_a_storm_of_signals_makes_no_record_twice(watch: Watcher) -> None:
    script = """
import signal, socket
signal.signal(signal.SIGALRM, lambda *_: None); signal.siginterrupt(signal.SIGALRM, False)
signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)
for _ in range(1000):
    with socket.socket(type=socket.SOCK_DGRAM) as s: s.connect(("127.0.0.1", 4007))
signal.setitimer(signal.ITIMER_REAL, 0)
"""
    (attempt,) = watch(script).of("connect")
    assert attempt.count == 1000
