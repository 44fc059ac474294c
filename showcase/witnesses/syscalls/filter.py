"""The filter: which system calls the kernel stops and asks about.

It runs in the kernel before every call, sees numbers and registers but no memory, and lets pass what cannot
name a destination. Classic BPF, assembled here from labels so that no jump is counted by hand.
"""

from __future__ import annotations

from typing import NamedTuple

from showcase.witnesses.syscalls.abi import X32_BIT, Abi

ALLOW = 0x7FFF0000
NOTIFY = 0x7FC00000
NO_SUCH_CALL = 0x00050000 | 38  # SECCOMP_RET_ERRNO with ENOSYS

LOAD, AND, RETURN = 0x20, 0x54, 0x06
EQUAL, ABOVE, AT_LEAST = 0x15, 0x25, 0x35

NUMBER, ARCH = 0, 4  # offsets into struct seccomp_data
PASSED_ON = 2
"""Descriptors up to this one were handed over at launch; a socket among them is reported then."""

MAX_DATAGRAM = 1472
"""Payload of an Ethernet frame's UDP datagram. Longer writes are stream or file data nearly always, and
stopping those would cost a copying program half its speed; what that leaves unseen stands in the witness's
limits."""

WAKE_UPS = (1, 8)
"""Lengths that event loops write to pipes and eventfds all the time."""

ALWAYS = (
    "connect",
    "sendmsg",
    "sendmmsg",
    "bind",
    "listen",
    "ptrace",
    "process_vm_writev",
    "pidfd_getfd",
    "io_uring_setup",
    "request_key",
    "socketcall",
)
"""Calls that are notified whatever their registers hold."""

AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
SOCK_STREAM, SOCK_DGRAM, TYPE_MASK = 1, 2, 0xF


class Instruction(NamedTuple):
    """One BPF instruction as the kernel takes it."""

    code: int
    if_true: int
    if_false: int
    value: int


class _Jump(NamedTuple):
    code: int
    value: int
    if_true: str | None
    if_false: str | None


class _Assembler:
    """Instructions with labels. Jumps go forward only, which is all that the kernel allows."""

    def __init__(self) -> None:
        self._lines: list[_Jump] = []
        self._labels: dict[str, int] = {}

    def label(self, name: str) -> None:
        self._labels[name] = len(self._lines)

    def load(self, offset: int) -> None:
        self._lines.append(_Jump(LOAD, offset, None, None))

    def load_low(self, argument: int) -> None:
        """Load the lower half of a 64-bit argument (both architectures are little-endian)."""
        self.load(16 + 8 * argument)

    def load_high(self, argument: int) -> None:
        self.load(20 + 8 * argument)

    def mask(self, bits: int) -> None:
        self._lines.append(_Jump(AND, bits, None, None))

    def jump(self, code: int, value: int, *, to: str | None = None, otherwise: str | None = None) -> None:
        """Compare and jump; None falls through to the next instruction."""
        self._lines.append(_Jump(code, value, to, otherwise))

    def answer(self, value: int) -> None:
        self._lines.append(_Jump(RETURN, value, None, None))

    def assemble(self) -> list[Instruction]:
        def distance(here: int, label: str | None) -> int:
            return 0 if label is None else self._labels[label] - here - 1

        return [
            Instruction(line.code, distance(at, line.if_true), distance(at, line.if_false), line.value)
            for at, line in enumerate(self._lines)
        ]


def program(abis: tuple[Abi, ...]) -> list[Instruction]:
    """Return the filter for a machine.

    Args:
        abis: The machine's interfaces, the native one first. On the others every call of the table is
        notified: they are rare, and a register test for each would buy nothing.
    """
    native, *others = abis
    code = _Assembler()
    code.load(ARCH)
    for arch in dict.fromkeys(abi.arch for abi in abis):
        code.jump(EQUAL, arch, to=f"arch {arch}")
    code.answer(NO_SUCH_CALL)  # an interface this witness does not know cannot be watched
    for arch in dict.fromkeys(abi.arch for abi in others if abi.arch != native.arch):
        code.label(f"arch {arch}")
        code.load(NUMBER)
        _notify(code, abis=[abi for abi in others if abi.arch == arch], end=f"end {arch}")
    code.label(f"arch {native.arch}")
    code.load(NUMBER)
    shadows = [abi for abi in others if abi.arch == native.arch]
    if shadows:
        code.jump(AT_LEAST, X32_BIT, otherwise="native")
        _notify(code, abis=shadows, end="end shadows")
    code.label("native")
    for name in ALWAYS:
        if name in native.numbers:
            code.jump(EQUAL, native.numbers[name], to="notify")
    for name in ("sendto", "socket", "write", "writev"):
        code.jump(EQUAL, native.numbers[name], to=name)
    code.answer(ALLOW)
    _sendto(code)
    _write(code)
    _socket(code)
    code.label("allow")
    code.answer(ALLOW)
    code.label("notify")
    code.answer(NOTIFY)
    return code.assemble()


def _notify(code: _Assembler, *, abis: list[Abi], end: str) -> None:
    for abi in abis:
        for number in abi.numbers.values():
            code.jump(EQUAL, number, to=end)
    code.answer(ALLOW)
    code.label(end)
    code.answer(NOTIFY)


def _sendto(code: _Assembler) -> None:
    """With an address always; without one where it can be a datagram."""
    code.label("sendto")
    for load in (code.load_low, code.load_high):
        load(4)
        code.jump(EQUAL, 0, otherwise="notify")
    code.load_high(2)
    code.jump(EQUAL, 0, otherwise="allow")
    code.load_low(2)
    code.jump(ABOVE, MAX_DATAGRAM, to="allow", otherwise="notify")


def _write(code: _Assembler) -> None:
    """On descriptors opened after launch; `write` where the length can be a datagram's."""
    code.label("writev")
    code.load_low(0)
    code.jump(ABOVE, PASSED_ON, to="notify", otherwise="allow")
    code.label("write")
    code.load_low(0)
    code.jump(ABOVE, PASSED_ON, otherwise="allow")
    code.load_high(2)
    code.jump(EQUAL, 0, otherwise="allow")
    code.load_low(2)
    for length in WAKE_UPS:
        code.jump(EQUAL, length, to="allow")
    code.jump(ABOVE, MAX_DATAGRAM, to="allow", otherwise="notify")


def _socket(code: _Assembler) -> None:
    """Where it is none of the kinds whose every destination passes `connect` or `send`."""
    code.label("socket")
    code.load_low(0)
    code.jump(EQUAL, AF_UNIX, to="allow")
    code.jump(EQUAL, AF_NETLINK, to="allow")
    code.jump(EQUAL, AF_INET, to="type")
    code.jump(EQUAL, AF_INET6, otherwise="notify")
    code.label("type")
    code.load_low(1)
    code.mask(TYPE_MASK)
    code.jump(EQUAL, SOCK_STREAM, to="allow")
    code.jump(EQUAL, SOCK_DGRAM, to="allow", otherwise="notify")
