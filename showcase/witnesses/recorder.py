"""The inner half of the `hook` witness: an audit hook that a process installs in itself before anything else.

It sees every connect, name lookup and send of Python code, refused or not, with the packages on the stack. It
does not see native code (ctypes, uvloop, grpc) nor other processes, which is why it counts those it starts.
Audit hooks cannot be removed. Source of the event names: the table of audit events in Python's documentation.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_CHILDREN = frozenset(
    {
        "subprocess.Popen",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.exec",
        "os.spawn",
        "os.system",
        "os.startfile",
    }
)
_SPAWNERS = "multiprocessing.popen_"
"""`multiprocessing` starts processes without an audit event; it imports one of these modules to do so."""

_NATIVE = frozenset(
    {"fork", "vfork", "clone", "posix_spawn", "posix_spawnp", "execv", "execve", "syscall"}
    | {"socket", "connect", "send", "sendto", "sendmsg", "sendmmsg"}
)
"""C functions whose use through ctypes the hook cannot follow; that they were looked up is an audit event."""

_SOCKET = {"socket.connect": "connect", "socket.sendto": "send", "socket.sendmsg": "send"}
_FORWARD = {"socket.getaddrinfo", "socket.gethostbyname"}
_LOOKUP = {*_FORWARD, "socket.gethostbyaddr", "socket.getnameinfo"}
"""The last two ask for the name of a number."""

_MAPPED = bytes(10) + b"\xff\xff"
"""How an IPv4 address begins in IPv6 form (RFC 4291, 2.5.5.2)."""

_ACCEPTS = getattr(socket, "SO_ACCEPTCONN", 2)  # of Windows, whose Python does not name it
_SHARED = "SO_REUSEADDR" if sys.platform == "win32" else "SO_REUSEPORT"
"""The option by which two processes wait at one place."""

# Decoded by number: the enum's members are looked up by Python code that may itself be shutting down.
_FAMILIES = {
    int(getattr(socket, name)): label
    for name, label in (
        ("AF_INET", "inet"),
        ("AF_INET6", "inet6"),
        ("AF_UNIX", "unix"),
        ("AF_NETLINK", "netlink"),
    )
    if hasattr(socket, name)
}


def install(emit: Callable[[dict[str, Any]], None], *, main: str = "showcase") -> None:
    """Install the hook.

    Args:
        emit: Gets one event for each attempt, before the call is made.
        main: What the program's own script is called among the packages on the stack.
    """
    stdlib = sys.stdlib_module_names

    def say(event: dict[str, Any]) -> None:
        # A program may close the channel, as daemons do; the call that is watched must not fail for it.
        with suppress(OSError):
            emit(event)

    busy = threading.local()
    bound = _Bound()

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in _CHILDREN or (event == "import" and str(args[0]).startswith(_SPAWNERS)):
            kind = "child"
        elif event == "ctypes.dlsym" and args[1] in _NATIVE:
            kind = "native"
        elif event in _SOCKET or event in _LOOKUP:
            kind = _SOCKET.get(event, "lookup")
        elif event == "socket.bind":
            bound.add(args[0])
            return
        else:
            return
        if getattr(busy, "now", False):
            return
        busy.now = True
        try:
            found = _describe(event, kind, args)
            if found is not None:
                found |= {"peer": "watched"} if event == "socket.connect" and bound.waits_at(*args) else {}
                say({"event": "attempt", **found, "package": _packages(sys._getframe(1), stdlib, main)})  # noqa: SLF001 - the one way to the stack from an audit hook
        except Exception as error:  # noqa: BLE001 - an exception here would change what the watched code does
            say({"event": "unreadable", "audit": event, "why": type(error).__name__})
        finally:
            busy.now = False

    sys.addaudithook(hook)


class _Bound:
    """The sockets of this process that were given an address, as far as Python code gave it."""

    def __init__(self) -> None:
        self._sockets: list[weakref.ref[socket.socket]] = []

    def add(self, sock: socket.socket) -> None:
        if sock.type == socket.SOCK_STREAM and sock.family in (socket.AF_INET, socket.AF_INET6):
            alive = [each for each in self._sockets if each() is not None]
            self._sockets = [*alive, weakref.ref(sock)]

    def waits_at(self, sock: socket.socket, address: object) -> bool:
        """Tell whether this very process waits where `sock` is about to connect to, on this machine.

        So it is with the pairs that Python makes of a loopback connection where the system has no other pairs. A
        second process could wait at the same place only where both asked for that.
        """
        if not isinstance(address, tuple) or sock.type != socket.SOCK_STREAM:
            return False
        return any(self._serves(each(), sock, address) for each in self._sockets)

    @staticmethod
    def _serves(waiting: socket.socket | None, sock: socket.socket, address: tuple[Any, ...]) -> bool:
        if waiting is None or waiting.family != sock.family:
            return False
        with suppress(OSError):  # it is closed
            if waiting.getsockname()[:2] != address[:2] or not waiting.getsockopt(socket.SOL_SOCKET, _ACCEPTS):
                return False
            return not waiting.getsockopt(socket.SOL_SOCKET, getattr(socket, _SHARED))
        return False


def _describe(event: str, kind: str, args: tuple[Any, ...]) -> dict[str, Any] | None:
    """Return the facts of an audit event, None where it names no destination."""
    if kind == "native":
        return {"event": kind, "name": str(args[1])}
    if kind == "child":
        program = args[0] if args else None
        return {"event": kind, "name": os.path.basename(str(program)) if program else event}  # noqa: PTH119 - cheap
    if kind == "lookup":
        host = args[0][0] if event == "socket.getnameinfo" else args[0]
        if host is None or host == "":
            return None  # an address to listen on
        if event in _FORWARD and _is_number(host):
            return None  # nobody is asked: where it leads, the call that uses it says
        host = host if event in _FORWARD else _reverse_name(host)
        port = args[1] if event == "socket.getaddrinfo" else None
        return {"kind": kind, "family": "name", "name": _text(host), "port": _port(port)}
    sock, address = args[0], args[1]
    if address is None:
        return None  # a send on a connected socket: its connect was seen
    family = _FAMILIES.get(int(sock.family), f"family {int(sock.family)}")
    transport = {int(socket.SOCK_STREAM): "tcp", int(socket.SOCK_DGRAM): "udp"}.get(int(sock.type) & 0xF, "raw")
    facts: dict[str, Any] = {"kind": kind, "family": family}
    if family in ("inet", "inet6"):
        facts.update(address=_address(address, family), port=_port(address[1]), transport=transport)
    elif family == "unix":
        facts.update(name=_text(address).replace("\0", "@"))
    else:
        facts.update(address=repr(address)[:200])
    return facts


def _address(given: tuple[Any, ...], family: str) -> str:
    """Return the address of a socket address, with the name of its zone; the number behind it is what counts."""
    address, _, zone = _number(_text(given[0]), family).partition("%")
    number = given[3] if len(given) > 3 else 0  # noqa: PLR2004 - address, port, flow, zone
    if not zone and number and address.lower().startswith(("fe8", "fe9", "fea", "feb", "ff")):
        with suppress(OSError, TypeError, OverflowError):
            zone = socket.if_indextoname(number)
    return f"{address}%{zone}" if zone else address


def _number(host: str, family: str) -> str:
    """Return what Python makes of a host without asking anybody, as an address is written; other names as they are.

    The witnesses outside see the number alone, and what is allowed is a number.
    """
    four = family == "inet"
    if host.lower().rstrip(".") == "localhost":  # RFC 6761, 6.3
        return "127.0.0.1" if four else "::1"
    if not host:  # INADDR_ANY and its like (the documentation of `socket`)
        return "0.0.0.0" if four else "::"  # noqa: S104 - nothing is bound
    if four and host == "<broadcast>":
        return "255.255.255.255"
    return socket.inet_ntoa(socket.inet_aton(host)) if four and _is_number(host) else host


def _is_number(host: object) -> bool:
    """Return whether the resolver takes a host for an address, in any form that inet_aton(3) or inet_pton(3) read."""
    text = _text(host)
    with suppress(OSError, ValueError):
        if ":" in text:
            socket.inet_pton(socket.AF_INET6, text.partition("%")[0])
        elif text.split() == [text]:  # inet_aton stops at a space, the resolver does not
            socket.inet_aton(text)
        else:
            return False
        return True
    return False


def _reverse_name(host: object) -> object:
    """Return the name that is asked for to learn the name of a number; a name as it is (RFC 1035, RFC 3596)."""
    text = _text(host).partition("%")[0]
    if not _is_number(text):
        return host
    if ":" not in text:
        octets = socket.inet_aton(text)
    else:
        packed = socket.inet_pton(socket.AF_INET6, text)
        if not packed.startswith(_MAPPED):
            return ".".join(reversed(packed.hex())) + ".ip6.arpa"
        octets = packed[len(_MAPPED) :]
    return ".".join(str(octet) for octet in reversed(octets)) + ".in-addr.arpa"


def _text(value: object) -> str:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "backslashreplace")
    text = str(value)
    if text.isascii():
        return text
    with suppress(UnicodeEncodeError):  # bytes that are no UTF-8 are spelled as those outside spell them
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return text.encode("utf-8", "backslashreplace").decode()


def _port(value: object) -> int | None:
    try:
        return int(value)  # type: ignore[call-overload,no-any-return]
    except (TypeError, ValueError):
        return None


def _packages(frame: FrameType | None, stdlib: frozenset[str], main: str) -> str:
    """Return the packages on the stack, outermost first, without the standard library."""
    names: list[str] = []
    while frame is not None:
        name = str(frame.f_globals.get("__name__", "")).partition(".")[0].replace("__main__", main)
        if name and name not in stdlib and not name.startswith("_frozen") and (not names or names[-1] != name):
            names.append(name)
        frame = frame.f_back
    names.reverse()
    return " > ".join(names)
