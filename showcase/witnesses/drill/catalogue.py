"""Every planted leak, and what each witness is documented to make of it.

`sockets` is expected to miss what it catches only by luck: its documented result is what it does every time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Result = Literal["caught", "missed", "unavailable", "prevented"]
WITNESSES = ("sockets", "hook", "syscalls", "seal")

HELD_S = 0.35
"""How long a leak that is no short one holds its connection: seven samples of the `sockets` witness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A leak.

    Attributes:
        id: Its name.
        description: What it does, in a few words.
        expected: Result by witness.
        why: What explains a result that is not `caught` or `prevented`.
        kinds: Kinds of attempt that count as having caught it.
        reaches: Whether a decoy hears of it where nothing holds it back; False for what fails by itself.
    """

    id: str
    description: str
    expected: dict[str, Result]
    why: str = ""
    kinds: tuple[str, ...] = ("connect",)
    reaches: bool = True


def _by(sockets: Result, hook: Result, syscalls: Result = "caught", seal: Result = "prevented") -> dict[str, Result]:
    return {"sockets": sockets, "hook": hook, "syscalls": syscalls, "seal": seal}


_NATIVE = "the call is not Python's"
_OTHER = "another process made it"

LEAKS: tuple[Leak, ...] = (
    Leak(id="tcp-connect", description="TCP connection to a foreign address", expected=_by("caught", "caught")),
    Leak(
        id="refused",
        description="TCP connection that is refused",
        expected=_by("missed", "caught"),
        why="it is over before a sample",
        reaches=False,
    ),
    Leak(
        id="short-lived",
        description="TCP connection that lives less than 1 ms",
        expected=_by("missed", "caught"),
        why="it is over before a sample",
    ),
    Leak(id="connect-ex", description="connect_ex, whose error raises nothing", expected=_by("caught", "caught")),
    Leak(
        id="dns-lookup",
        description="name lookup that fails",
        expected=_by("missed", "caught"),
        why="a lookup is over before a sample",
        kinds=("lookup",),
        reaches=False,
    ),
    Leak(
        id="udp",
        description="UDP datagram without a connection",
        expected=_by("missed", "caught"),
        why="an unconnected socket has no peer to list",
        kinds=("send",),
    ),
    Leak(id="ipv6", description="TCP connection over IPv6", expected=_by("caught", "caught")),
    Leak(id="asyncio", description="connection of an asyncio stream", expected=_by("caught", "caught")),
    Leak(id="thread", description="connection of a second thread", expected=_by("caught", "caught")),
    Leak(id="ctypes", description="libc's connect through ctypes", expected=_by("caught", "missed"), why=_NATIVE),
    Leak(id="raw-syscall", description="the system call itself", expected=_by("caught", "missed"), why=_NATIVE),
    Leak(id="program", description="a program that is not Python", expected=_by("caught", "missed"), why=_OTHER),
    Leak(
        id="static-binary",
        description="a static binary without any library",
        expected=_by("missed", "missed"),
        why="another process made it, and it is over before a sample",
    ),
    Leak(
        id="double-fork",
        description="a grandchild in a session of its own, after its parent ended",
        expected=_by("missed", "missed"),
        why="its parent is gone, and it closed the channel on which the hook reports",
    ),
    Leak(id="atexit", description="connection from atexit, after main", expected=_by("caught", "caught")),
    Leak(id="http-proxy", description="HTTP through HTTP_PROXY", expected=_by("caught", "caught")),
    Leak(
        id="fast-open",
        description="TCP fast open: data in a sendto, no connect",
        expected=_by("caught", "caught"),
        kinds=("send", "connect"),
    ),
    Leak(
        id="sendmmsg",
        description="two datagrams in one sendmmsg",
        expected=_by("missed", "missed"),
        why="the call is not Python's, and an unconnected socket has no peer to list",
        kinds=("send",),
    ),
    Leak(id="udp-connect-write", description="UDP connect, then write", expected=_by("caught", "caught")),
    Leak(
        id="vsock",
        description="VSOCK connection to the hypervisor",
        expected=_by("missed", "caught"),
        why="psutil lists internet sockets alone",
        kinds=("connect", "socket"),
        reaches=False,
    ),
    Leak(
        id="raw-socket",
        description="IP packet from a raw socket",
        expected=_by("missed", "missed"),
        why="a raw socket has no peer to list; where it may not be made, no Python event names it",
        kinds=("send", "socket"),
        reaches=False,
    ),
    Leak(
        id="io-uring",
        description="connection queued on an io_uring",
        expected=_by("missed", "missed"),
        why="no call names it; the syscalls witness refuses the ring",
        kinds=("socket",),
        reaches=False,
    ),
    Leak(
        id="unix-proxy",
        description="a proxy behind a Unix socket",
        expected=_by("missed", "caught"),
        why="psutil is asked for internet sockets alone",
    ),
    Leak(
        id="inherited",
        description="a socket that was connected before the process began",
        expected=_by("caught", "missed", seal="caught"),
        why="no call names it; the seal cannot close it, and says so",
        kinds=("connect", "inherited"),
    ),
    Leak(id="second-port", description="another port of loopback", expected=_by("caught", "caught")),
    Leak(
        id="flipped-address",
        description="address changed by a second thread during the call",
        expected=_by("missed", "missed"),
        why="the call is not Python's, and it is over before a sample",
    ),
)

SHORT = ("tcp-connect", "refused", "short-lived", "dns-lookup", "program")
"""A drill that takes about two seconds, as a run's positive control."""
