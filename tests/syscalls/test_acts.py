"""What reaches out without a destination: typing into a terminal, and what the kernel does for root."""

from __future__ import annotations

import ctypes
import os
import select
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from watching import Watch, Watcher

root = pytest.mark.root
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="has the kernel act, which needs root")

TYPES = """
import fcntl, os, sys
def tried(request, argument):
    try: fcntl.ioctl(0, request, argument); return 0
    except OSError as error: return error.errno
"""


def with_a_terminal(watch: Watcher, program: str, *options: str) -> tuple[Watch, bytes]:
    """Run a program whose standard input is a terminal; return what was then typed there for the next to read."""
    ours, theirs = os.openpty()
    try:
        seen = watch(program, *options, stdin=theirs)
        waiting = select.select([theirs], [], [], 0)[0]
        return seen, os.read(theirs, 999) if waiting else b""
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize("options", [(), ("--seal", "")], ids=["unsealed", "sealed"])
@pytest.mark.parametrize("request_", [0x5412, 0x5412 | 0xFFFFFFFF << 32], ids=["request", "upper half"])
def test_nothing_is_typed_into_the_terminal(watch: Watcher, options: tuple[str, ...], request_: int) -> None:
    script = f"""
import ctypes, os
os.setsid() if os.getpid() != os.getsid(0) else None
libc = ctypes.CDLL(None, use_errno=True)
import fcntl; fcntl.ioctl(0, 0x540E, 0)  # TIOCSCTTY: typing needs the terminal to be one's own
for character in b"touch outside\\n":
    typed = libc.ioctl(0, ctypes.c_ulong({request_}), bytes([character]))
print(typed, ctypes.get_errno())
"""
    seen, typed = with_a_terminal(watch, script, *options)
    assert (seen.output, typed) == ("-1 1\n", b""), seen.errors
    (row,) = seen.attempts
    assert (row.kind, row.family, row.outcome) == ("reach", "TIOCSTI", "outside of the watched tree, refused")
    assert row.count == len(b"touch outside\n")
    assert (row.name or "").startswith("/dev/pts/")


def test_pasting_into_the_terminal_is_refused_and_other_requests_by_its_number_too(watch: Watcher) -> None:
    seen, _ = with_a_terminal(watch, TYPES + "print([tried(0x541C, bytes([what])) for what in (3, 2, 6)])")
    assert seen.output == "[1, 1, 1]\n"
    assert [(row.family, row.count) for row in seen.attempts] == [("TIOCLINUX", 2)], "6 asks which keys are down"


def test_a_terminal_is_not_made_a_network(watch: Watcher) -> None:
    script = TYPES + "print([tried(0x5423, bytes([what, 0, 0, 0])) == 1 for what in (0, 1)])"
    sealed, _ = with_a_terminal(watch, script, "--seal", "")
    assert sealed.output == "[False, True]\n"
    assert [row.outcome for row in sealed.attempts] == ["outside of the watched tree, refused"]
    watched, _ = with_a_terminal(watch, script)
    assert [row.outcome for row in watched.attempts] == ["outside of the watched tree"]


def test_what_every_program_asks_of_a_terminal_is_no_news(watch: Watcher) -> None:
    script = (
        "import os, termios, tty; termios.tcgetattr(0); os.get_terminal_size(0); tty.setraw(0); print(os.isatty(0))"
    )
    seen, _ = with_a_terminal(watch, script)
    assert (seen.output, seen.attempts) == ("True\n", ())
    assert seen.report.counts.get("ioctl calls") is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may")
def test_an_ordinary_user_has_no_right_to_have_the_kernel_act(watch: Watcher) -> None:
    script = """
import ctypes, os
libc = ctypes.CDLL(None)
print(libc.setns(os.open("/proc/self/ns/net", os.O_RDONLY), 0), libc.mount(b"a:/", b"/mnt", b"nfs", 0, None))
print(libc.unshare(0x50000000))  # what a browser's sandbox does
"""
    seen = watch(script)
    assert seen.output.startswith("-1 -1\n")
    assert (seen.attempts, seen.report.counts["privileged"]) == ((), 0), "what it may not do it did not do"


@root
@needs_root
def test_a_command_of_root_keeps_its_rights_and_it_is_said(watch: Watcher) -> None:
    script = "print([line for line in open('/proc/self/status') if line.startswith('CapEff')])"
    kept, dropped, sealed = watch(script), watch(script, "--rights", "few"), watch(script, "--seal", "")
    assert [each.report.counts["privileged"] for each in (kept, dropped, sealed)] == [1, 0, 0]
    (launched,) = [record for record in kept.records if record["event"] == "launched"]
    assert "CAP_NET_ADMIN" in launched["rights"]
    left = int(dropped.output.split("\\t")[1].split("\\n")[0], 16)
    assert left, "it still reads every file, as root does"
    assert not any(left >> number & 1 for number in (12, 13, 16, 17, 19, 21, 22, 27, 38, 39))


ACTS: dict[str, str] = {
    "TUNSETIFF": "t = os.open('/dev/net/tun', 2); fcntl.ioctl(t, 0x400454CA, struct.pack('16sH14x', b'tun9', 0x1001))",
    "mount": "libc.mount(b'192.0.2.7:/', b'/mnt', b'nfs', 0, b'nolock')",
    "setns": f"libc.setns(os.open('/proc/{os.getpid()}/ns/net', os.O_RDONLY), 0x40000000)",
    "unshare": "libc.unshare(0x40000000)",
    "bpf": "libc.syscall(BPF, 5, None, 0)",
}


def _leave_the_network() -> None:
    """Nothing that is planted here meets anybody: the supervisor itself is in a network without a wire."""
    ctypes.CDLL(None).unshare(0x40000000 | 0x20000)


@root
@needs_root
@pytest.mark.parametrize("act", sorted(ACTS))
def test_what_the_kernel_does_for_root_is_a_finding(watch: Watcher, act: str) -> None:
    from showcase.witnesses.syscalls.filter import abi  # noqa: PLC0415 - not on other systems

    if act == "TUNSETIFF" and not os.path.exists("/dev/net/tun"):  # noqa: PTH110 - a device
        pytest.skip("no tun device here")
    number = abi.of_this_machine()[0].numbers["bpf"]
    script = f"import ctypes, fcntl, os, struct; libc = ctypes.CDLL(None); BPF = {number}; {ACTS[act]}"
    seen = watch(script, preexec_fn=_leave_the_network)
    assert [(row.family, row.outcome) for row in seen.of("reach")] == [(act, "outside of the watched tree")]


@root
@needs_root
def test_mounts_and_namespaces_that_lead_nowhere_are_no_findings(watch: Watcher) -> None:
    script = """
import ctypes, os
libc = ctypes.CDLL(None)
print(libc.unshare(0x10020000 | 0x40000000), libc.mount(b"none", b"/mnt", b"tmpfs", 0, None))
print(libc.mount(None, b"/mnt", None, 32, None))
"""
    seen = watch(script, preexec_fn=_leave_the_network)
    assert seen.output.startswith("0 ")
    assert seen.attempts == ()
