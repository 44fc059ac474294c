"""The filter: which system calls the kernel stops and asks about.

It runs in the kernel before every call, sees numbers and registers but no memory, and lets pass what cannot name
a destination.
"""

from __future__ import annotations

from showcase.witnesses.syscalls.filter.abi import X32_BIT, Abi
from showcase.witnesses.syscalls.filter.bpf import ABOVE, AT_LEAST, EQUAL, Assembler, Instruction

ALLOW = 0x7FFF0000
NOTIFY = 0x7FC00000
NO_SUCH_CALL = 0x00050000 | 38  # SECCOMP_RET_ERRNO with ENOSYS

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
    "mount",
    "fsopen",
    "setns",
    "bpf",
    "init_module",
    "finit_module",
)
"""Calls that are notified whatever their registers hold."""

ALWAYS_SEALED = (
    "add_key",
    "keyctl",
    "perf_event_open",
    "userfaultfd",
    *(f"set{which}{width}" for which in ("uid", "gid", "reuid", "regid", "groups", "resuid", "resgid")
      for width in ("", "32")),
    "chroot",
    "pivot_root",
    "umount2",
    "move_mount",
)  # fmt: skip
"""Likewise in a seal: what it refuses, and so may keep a program from what it does."""

BY_REGISTER = ("ioctl", "clone", "unshare", "prlimit64", "setsockopt")
"""Calls of which a register tells whether they are notified, on every interface: they are too many otherwise."""

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
NAMESPACES = 0x7E020000
"""Flags of clone(2) that make a namespace: mount, cgroup, UTS, IPC, user, pid, network."""

IOCTLS: dict[int, str] = {
    0x5412: "TIOCSTI",
    0x541C: "TIOCLINUX",
    0x541D: "TIOCCONS",
    0x5423: "TIOCSETD",
    0x400454CA: "TUNSETIFF",
}
"""Requests that type into a terminal, change what it is, or make a network device; the same on each interface here."""

OPTIONS: dict[int, dict[int, str]] = {
    1: {25: "SO_BINDTODEVICE", 62: "SO_BINDTOIFINDEX"},
    0: {
        4: "IP_OPTIONS",
        50: "IP_UNICAST_IF",
        **dict.fromkeys((35, 37, 38, 39, 41, 42, 43, 44, 46, 48), "IP_ADD_MEMBERSHIP"),
    },
    41: {
        **dict.fromkeys((2, 50), "IPV6_PKTINFO"),
        **dict.fromkeys((3, 54), "IPV6_HOPOPTS"),
        **dict.fromkeys((4, 55, 59), "IPV6_DSTOPTS"),
        **dict.fromkeys((5, 57), "IPV6_RTHDR"),
        6: "IPV6_PKTOPTIONS",
        76: "IPV6_UNICAST_IF",
        **dict.fromkeys((20, 27, 42, 43, 44, 46, 48), "IPV6_JOIN_GROUP"),
    },
}
"""Options by which bytes go elsewhere than their address says, by level: SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6 of
asm-generic/socket.h, linux/in.h, linux/in6.h. Whatever changes the members of a group is told to the network."""

CORK = (17, 1)
"""IPPROTO_UDP, UDP_CORK (linux/udp.h): what is written next goes into the same datagram."""

AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
SOCK_STREAM, SOCK_DGRAM, TYPE_MASK = 1, 2, 0xF


def low(argument: int) -> int:
    """Return where the lower half of a 64-bit argument lies (both architectures are little-endian)."""
    return 16 + 8 * argument


def high(argument: int) -> int:
    """Return where the upper half lies."""
    return 20 + 8 * argument


def program(abis: tuple[Abi, ...], *, sealed: bool = False) -> list[Instruction]:
    """Return the filter for a machine.

    Args:
        abis: The machine's interfaces, the native one first. On the others nearly every call of the table is
        notified: they are rare, and a register test for each would buy nothing.
        sealed: Whether it is for the inside of a seal.
    """
    native, *others = abis
    # A sealed socket has no interface but loopback, whatever its options.
    unasked = ("setsockopt",) if sealed else (*ALWAYS_SEALED, "clone3")
    code = Assembler()
    code.load(ARCH)
    for arch in dict.fromkeys(abi.arch for abi in abis):
        code.jump(EQUAL, arch, to=f"arch {arch}")
    code.answer(NO_SUCH_CALL)  # an interface this witness does not know cannot be watched
    for arch in dict.fromkeys(abi.arch for abi in others if abi.arch != native.arch):
        code.label(f"arch {arch}")
        code.load(NUMBER)
        _notify(code, abis=[abi for abi in others if abi.arch == arch], unasked=unasked, end=f"end {arch}")
    code.label(f"arch {native.arch}")
    code.load(NUMBER)
    shadows = [abi for abi in others if abi.arch == native.arch]
    if shadows:
        code.jump(AT_LEAST, X32_BIT, otherwise="native")
        _notify(code, abis=shadows, unasked=unasked, end="end shadows")
    code.label("native")
    for name in (*ALWAYS, *ALWAYS_SEALED):
        if name in native.numbers and name not in unasked:
            code.jump(EQUAL, native.numbers[name], to="notify")
    for name in ("sendto", "socket", "write", "writev", *BY_REGISTER, "clone3"):
        if name not in unasked:
            code.jump(EQUAL, native.numbers[name], to=name)
    code.answer(ALLOW)
    _sendto(code)
    _write(code)
    _socket(code)
    _by_register(code, NAMESPACES if sealed else CLONE_NEWNET)
    code.label("allow")
    code.answer(ALLOW)
    code.label("notify")
    code.answer(NOTIFY)
    return code.assemble()


def _notify(code: Assembler, *, abis: list[Abi], unasked: tuple[str, ...], end: str) -> None:
    for abi in abis:
        for name, number in abi.numbers.items():
            if name not in unasked:
                code.jump(EQUAL, number, to=name if name in (*BY_REGISTER, "clone3") else end)
    code.answer(ALLOW)
    code.label(end)
    code.answer(NOTIFY)


def _sendto(code: Assembler) -> None:
    """With an address always; without one where it can be a datagram."""
    code.label("sendto")
    for half in (low, high):
        code.load(half(4))
        code.jump(EQUAL, 0, otherwise="notify")
    code.load(high(2))
    code.jump(EQUAL, 0, otherwise="allow")
    code.load(low(2))
    code.jump(ABOVE, MAX_DATAGRAM, to="allow", otherwise="notify")


def _write(code: Assembler) -> None:
    """On descriptors opened after launch; `write` where the length can be a datagram's."""
    code.label("writev")
    code.load(low(0))
    code.jump(ABOVE, PASSED_ON, to="notify", otherwise="allow")
    code.label("write")
    code.load(low(0))
    code.jump(ABOVE, PASSED_ON, otherwise="allow")
    code.load(high(2))
    code.jump(EQUAL, 0, otherwise="allow")
    code.load(low(2))
    for length in WAKE_UPS:
        code.jump(EQUAL, length, to="allow")
    code.jump(ABOVE, MAX_DATAGRAM, to="allow", otherwise="notify")


def _socket(code: Assembler) -> None:
    """Where it is none of the kinds whose every destination passes `connect` or `send`."""
    code.label("socket")
    code.load(low(0))
    code.jump(EQUAL, AF_UNIX, to="allow")
    code.jump(EQUAL, AF_NETLINK, to="allow")
    code.jump(EQUAL, AF_INET, to="type")
    code.jump(EQUAL, AF_INET6, otherwise="notify")
    code.label("type")
    code.load(low(1))
    code.mask(TYPE_MASK)
    code.jump(EQUAL, SOCK_STREAM, to="allow")
    code.jump(EQUAL, SOCK_DGRAM, to="allow", otherwise="notify")


def _by_register(code: Assembler, namespaces: int) -> None:
    """Where the register names what matters. The kernel takes the lower half of a request, of flags and of a pid."""
    code.label("ioctl")
    code.load(low(1))
    for request in IOCTLS:
        code.jump(EQUAL, request, to="notify")
    code.answer(ALLOW)
    code.label("clone")
    code.label("unshare")
    code.load(low(0))
    code.mask(namespaces)
    code.jump(EQUAL, 0, to="allow", otherwise="notify")
    code.label("prlimit64")
    code.load(low(0))
    code.jump(EQUAL, 0, to="allow", otherwise="notify")  # of the caller itself
    code.label("setsockopt")
    code.load(low(1))
    levels = {**OPTIONS, CORK[0]: {CORK[1]: ""}}
    for level in levels:
        code.jump(EQUAL, level, to=f"options of {level}")
    code.answer(ALLOW)
    for level, names in levels.items():
        code.label(f"options of {level}")
        code.load(low(2))
        for option in names:
            code.jump(EQUAL, option, to="notify")
        code.answer(ALLOW)
    code.label("clone3")  # its flags lie in memory; every library falls back to `clone`, whose flags are seen
    code.answer(NO_SUCH_CALL)
