"""System call numbers of the binary interfaces that one kernel serves.

A 64-bit kernel runs 32-bit programs too, and any 64-bit program can make a 32-bit call. A witness that knew
the native numbers only would be blind to them. Numbers are those of the kernel's `syscall_64.tbl`,
`syscall_32.tbl`, `asm-generic/unistd.h` and `arch/arm/tools/syscall.tbl`.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from showcase.witnesses.syscalls.filter import abi_rights

X32_BIT = 0x40000000
"""Set in the number of an x32 call: 64-bit registers, 32-bit pointers in structures."""


class Abi(NamedTuple):
    """One binary interface: `arch` is its AUDIT_ARCH constant, `word` the size of a pointer in bytes."""

    name: str
    arch: int
    word: int
    numbers: dict[str, int]


X86_64 = Abi(
    "x86_64",
    0xC000003E,
    8,
    {
        "write": 1,
        "writev": 20,
        "socket": 41,
        "connect": 42,
        "sendto": 44,
        "sendmsg": 46,
        "bind": 49,
        "listen": 50,
        "ptrace": 101,
        "request_key": 249,
        "sendmmsg": 307,
        "process_vm_writev": 311,
        "io_uring_setup": 425,
        "pidfd_getfd": 438,
        **abi_rights.X86_64,
    },
)
X32 = Abi(
    "x32",
    X86_64.arch,
    4,
    {
        name: X32_BIT | number
        for name, number in {
            **X86_64.numbers,
            "writev": 516,
            "sendmsg": 518,
            "ptrace": 521,
            "sendmmsg": 538,
            "process_vm_writev": 540,
            **abi_rights.X32,
        }.items()
    },
)
I386 = Abi(
    "i386",
    0x40000003,
    4,
    {
        "write": 4,
        "ptrace": 26,
        "socketcall": 102,
        "writev": 146,
        "request_key": 287,
        "sendmmsg": 345,
        "process_vm_writev": 348,
        "socket": 359,
        "bind": 361,
        "connect": 362,
        "listen": 363,
        "sendto": 369,
        "sendmsg": 370,
        "io_uring_setup": 425,
        "pidfd_getfd": 438,
        **abi_rights.I386,
    },
)
AARCH64 = Abi(
    "aarch64",
    0xC00000B7,
    8,
    {
        "write": 64,
        "writev": 66,
        "ptrace": 117,
        "socket": 198,
        "bind": 200,
        "listen": 201,
        "connect": 203,
        "sendto": 206,
        "sendmsg": 211,
        "request_key": 218,
        "sendmmsg": 269,
        "process_vm_writev": 271,
        "io_uring_setup": 425,
        "pidfd_getfd": 438,
        **abi_rights.AARCH64,
    },
)
ARM = Abi(
    "arm",
    0x40000028,
    4,
    {
        "write": 4,
        "ptrace": 26,
        "writev": 146,
        "socket": 281,
        "bind": 282,
        "connect": 283,
        "listen": 284,
        "sendto": 290,
        "sendmsg": 296,
        "request_key": 310,
        "sendmmsg": 374,
        "process_vm_writev": 377,
        "io_uring_setup": 425,
        "pidfd_getfd": 438,
        **abi_rights.ARM,
    },
)

FAMILIES: dict[str, tuple[Abi, ...]] = {"x86_64": (X86_64, X32, I386), "aarch64": (AARCH64, ARM)}
"""By machine, the native interface first."""

SOCKETCALL_SEND = 9
SOCKETCALLS: dict[int, str] = {
    1: "socket",
    2: "bind",
    3: "connect",
    4: "listen",
    SOCKETCALL_SEND: "sendto",
    11: "sendto",
    14: "setsockopt",
    16: "sendmsg",
    20: "sendmmsg",
}
"""Sub-calls of i386's `socketcall` that the witness looks at, from `linux/net.h`."""


def of_this_machine() -> tuple[Abi, ...]:
    """Return the interfaces that this kernel may serve, the native one first; empty where none is known."""
    return FAMILIES.get(os.uname().machine, ())


def name_of(arch: int, number: int) -> tuple[Abi, str] | None:
    """Return which call of which interface a notification tells of."""
    for abi in of_this_machine():
        if abi.arch == arch:
            for name, known in abi.numbers.items():
                if known == number:
                    return abi, name
    return None
