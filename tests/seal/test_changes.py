"""What a seal refuses is written down; what a program may have, or is already, is not."""

from __future__ import annotations

import os

import pytest
from sealing import Sealed, run

from showcase.clock import RunClock
from showcase.witnesses.syscalls.record.testimony import interpret

C = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
"""


def refused(sealed: Sealed) -> dict[str, int]:
    counts = interpret("child", sealed.records, RunClock(), "syscalls").counts
    return {name.removeprefix("refused "): number for name, number in counts.items() if name.startswith("refused ")}


@pytest.mark.parametrize(
    ("what", "script"),
    [
        ("setgroups", "libc.setgroups(1, (ctypes.c_uint * 1)(os.getgid()))"),
        ("setuid", "libc.setuid(42)"),
        ("setgid", "libc.setgid(42)"),
        ("setreuid", "libc.setreuid(-1, 42)"),
        ("setregid", "libc.setregid(42, -1)"),
        ("setresuid", "libc.setresuid(42, 42, 42)"),
        ("setresgid", "libc.setresgid(-1, 42, -1)"),
        ("unshare", "libc.unshare(0x20000)"),
        ("unshare", "libc.unshare(0x40000000)"),
        ("clone", "libc.syscall(CLONE, 0x40000000 | 17, 0, 0, 0, 0)"),
        ("setns", "libc.setns(os.open('/proc/self/ns/net', os.O_RDONLY), 0)"),
        ("mount", "libc.mount(b'none', b'/mnt', b'tmpfs', 0, None)"),
        ("umount2", "libc.umount2(b'/proc/sys', 2)"),
        ("chroot", "libc.chroot(b'/')"),
        ("pivot_root", "libc.syscall(PIVOT, b'/', b'/')"),
    ],
)
def test_a_change_that_is_refused_is_counted(what: str, script: str) -> None:
    from showcase.witnesses.syscalls.filter import abi  # noqa: PLC0415 - not on other systems

    numbers = abi.of_this_machine()[0].numbers
    given = f"CLONE, PIVOT = {numbers['clone']}, {numbers['pivot_root']}\n"
    sealed = run(C + given + f"print({script}, {script})")
    assert sealed.output == "-1 -1\n", sealed.errors
    assert refused(sealed) == {what: 2}
    assert sealed.coverage.complete, sealed.coverage.note


@pytest.mark.parametrize(
    "script",
    [
        "libc.setuid(os.getuid()), libc.setgid(os.getgid())",
        "libc.setresuid(-1, os.getuid(), -1), libc.setreuid(os.getuid(), -1)",
        "libc.unshare(0x10000000 | 0x40000000), 0",
        "libc.unshare(0x10000000), libc.chroot(b'/')",
        "libc.unshare(0x400), 0",
    ],
    ids=["the same", "partly the same", "a browser's sandbox", "a root of its own", "descriptors of its own"],
)
def test_what_a_program_may_have_is_no_refusal(script: str) -> None:
    sealed = run(C + f"print({script})")
    assert sealed.output == "0 0\n", sealed.errors
    assert refused(sealed) == {}


def test_threads_and_programs_are_started_as_always() -> None:
    script = """
import subprocess, threading
threads = [threading.Thread(target=lambda: None) for _ in range(20)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
print(subprocess.run(["echo", "started"], capture_output=True, text=True).stdout, end="")
"""
    sealed = run(script)
    assert sealed.output == "started\n", sealed.errors
    assert refused(sealed) == {}


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="root may become somebody else where there is no seal")
def test_root_that_drops_its_rights_is_refused_in_a_seal() -> None:
    sealed = run("import os; os.setgroups([]); os.setresgid(65534, 65534, 65534); print('went on')")
    assert sealed.output == ""
    assert "PermissionError" in sealed.errors
    assert refused(sealed) == {"setgroups": 1}
