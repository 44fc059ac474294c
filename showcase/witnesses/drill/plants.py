"""What each leak does. Runs in a child that was made for it; the catalogue says what each is.

Each returns where it led, as (address, port) or a name, or None where the sort of attempt says enough. It raises
OSError, or `CannotPlant`, where this machine does not let the leak be planted.
"""

from __future__ import annotations

import asyncio
import atexit
import ctypes
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from showcase.witnesses.drill import native
from showcase.witnesses.drill.catalogue import HELD_S
from showcase.witnesses.drill.native import CannotPlant

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "planted-leak.invalid"
_CLOSED_PORT = 9
_DESCRIPTORS = 256
_FAST_OPEN = 0x20000000  # MSG_FASTOPEN


class Target(NamedTuple):
    """Where the decoys are: `host` is a foreign address where all addresses are ours."""

    host: str
    ports: dict[str, int]
    path: str

    @property
    def tcp(self) -> tuple[str, int]:
        """The TCP decoy."""
        return self.host, self.ports["tcp"]


def _connect(place: tuple[str, int], held_s: float = HELD_S) -> tuple[str, int]:
    with socket.create_connection(place):
        time.sleep(held_s)
    return place


def _tcp_connect(target: Target) -> tuple[str, int]:
    return _connect(target.tcp)


def _refused(target: Target) -> tuple[str, int]:
    with socket.socket() as s, suppress(ConnectionRefusedError):
        s.connect((target.host, _CLOSED_PORT))
    return target.host, _CLOSED_PORT


def _short_lived(target: Target) -> tuple[str, int]:
    return _connect(target.tcp, 0)


def _connect_ex(target: Target) -> tuple[str, int]:
    with socket.socket() as s:
        s.connect_ex(target.tcp)
        time.sleep(HELD_S)
    return target.tcp


def _dns_lookup(target: Target) -> str:  # noqa: ARG001 - the form of all
    with suppress(socket.gaierror):
        socket.getaddrinfo(NAME, 443)
    return NAME


def _udp(target: Target) -> tuple[str, int]:
    place = target.host, target.ports["udp"]
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.sendto(b"leak", place)
        time.sleep(HELD_S)
    return place


def _ipv6(target: Target) -> tuple[str, int]:
    if "tcp6" not in target.ports:
        raise CannotPlant("no IPv6 here")
    return _connect(("::1", target.ports["tcp6"]))


def _over_asyncio(target: Target) -> tuple[str, int]:
    async def leak() -> None:
        _reader, writer = await asyncio.open_connection(*target.tcp)
        await asyncio.sleep(HELD_S)
        writer.close()

    asyncio.run(leak())
    return target.tcp


def _from_thread(target: Target) -> tuple[str, int]:
    thread = threading.Thread(target=_connect, args=(target.tcp,))
    thread.start()
    thread.join()
    return target.tcp


def _through_ctypes(target: Target) -> tuple[str, int]:
    with socket.socket() as s:
        ctypes.CDLL(None).connect(s.fileno(), native.address(target.tcp), 16)
        time.sleep(HELD_S)
    return target.tcp


def _raw_syscall(target: Target) -> tuple[str, int]:
    with socket.socket() as s:
        native.connect_by_number(s.fileno(), target.tcp)
        time.sleep(HELD_S)
    return target.tcp


def _program(target: Target) -> tuple[str, int]:
    host, port = target.tcp
    bash = shutil.which("bash")
    if bash is None:
        raise CannotPlant("no bash, whose /dev/tcp would connect")
    script = f"exec 3<>/dev/tcp/{host}/{port}; read -t {HELD_S} <&3"
    subprocess.run([bash, "-c", script], check=False, stdin=subprocess.DEVNULL)
    return target.tcp


def _static_binary(target: Target) -> tuple[str, int]:
    native.run_static_binary(target.tcp)
    return target.tcp


def _double_fork(target: Target) -> tuple[str, int]:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, _DESCRIPTORS)  # as daemons do
            time.sleep(HELD_S)
            _connect(target.tcp, 0)
        os._exit(0)
    os.wait()
    return target.tcp


def _at_exit(target: Target) -> tuple[str, int]:
    atexit.register(_connect, target.tcp)
    return target.tcp


def _http_proxy(target: Target) -> tuple[str, int]:
    host, port = target.tcp
    os.environ["http_proxy"] = f"http://{host}:{port}"
    os.environ.pop("no_proxy", None)
    os.environ.pop("NO_PROXY", None)
    with suppress(OSError):
        urllib.request.urlopen(f"http://{NAME}/", timeout=HELD_S)
    return target.tcp


def _fast_open(target: Target) -> tuple[str, int]:
    with socket.socket() as s:
        s.sendto(b"leak", _FAST_OPEN, target.tcp)
        time.sleep(HELD_S)
    return target.tcp


def _sendmmsg(target: Target) -> tuple[str, int]:
    place = target.host, target.ports["udp"]
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        native.send_two_messages(s.fileno(), place)
        time.sleep(HELD_S)
    return place


def _udp_connect_write(target: Target) -> tuple[str, int]:
    place = target.host, target.ports["udp"]
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.connect(place)
        os.write(s.fileno(), b"leak")
        time.sleep(HELD_S)
    return place


def _vsock(target: Target) -> None:  # noqa: ARG001 - the form of all
    if not hasattr(socket, "AF_VSOCK"):
        raise CannotPlant("this Python knows no VSOCK")
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as s, suppress(OSError):
        s.settimeout(HELD_S)
        s.connect((1, _CLOSED_PORT))  # 1 is loopback: no hypervisor is asked


def _raw_socket(target: Target) -> None:
    with suppress(PermissionError), socket.socket(socket.AF_INET, socket.SOCK_RAW, 253) as s:
        s.sendto(b"leak", (target.host, 0))


def _io_uring(target: Target) -> None:
    native.connect_by_ring(target.tcp)


def _unix_proxy(target: Target) -> str:
    with socket.socket(socket.AF_UNIX) as s:
        if s.connect_ex(target.path) == 0:  # in a seal it is refused
            s.sendall(b"CONNECT planted-leak.invalid:443\r\n")
        time.sleep(HELD_S)
    return target.path


def _inherited(target: Target) -> tuple[str, int]:
    os.write(0, b"leak")
    time.sleep(HELD_S)
    return "127.0.0.1", target.ports["tcp"]


def _second_port(target: Target) -> tuple[str, int]:
    return _connect(("127.0.0.1", target.ports["second"]))


def _flipped_address(target: Target) -> tuple[str, int]:
    native.connect_while_flipping((target.host, _CLOSED_PORT), target.tcp)
    return target.tcp


PLANTS: dict[str, Callable[[Target], tuple[str, int] | str | None]] = {
    "tcp-connect": _tcp_connect,
    "refused": _refused,
    "short-lived": _short_lived,
    "connect-ex": _connect_ex,
    "dns-lookup": _dns_lookup,
    "udp": _udp,
    "ipv6": _ipv6,
    "asyncio": _over_asyncio,
    "thread": _from_thread,
    "ctypes": _through_ctypes,
    "raw-syscall": _raw_syscall,
    "program": _program,
    "static-binary": _static_binary,
    "double-fork": _double_fork,
    "atexit": _at_exit,
    "http-proxy": _http_proxy,
    "fast-open": _fast_open,
    "sendmmsg": _sendmmsg,
    "udp-connect-write": _udp_connect_write,
    "vsock": _vsock,
    "raw-socket": _raw_socket,
    "io-uring": _io_uring,
    "unix-proxy": _unix_proxy,
    "inherited": _inherited,
    "second-port": _second_port,
    "flipped-address": _flipped_address,
}

LINUX_ONLY = frozenset(
    {"raw-syscall", "static-binary", "fast-open", "sendmmsg", "vsock", "io-uring", "flipped-address"}
)
NOT_ON_WINDOWS = frozenset({"ctypes", "double-fork", "unix-proxy", "inherited", "udp-connect-write"})


def plant(leak: str, target: Target) -> tuple[str, int] | str | None:
    """Plant a leak.

    Raises:
        CannotPlant: This machine does not let it be planted.
    """
    if leak in LINUX_ONLY and sys.platform != "linux":
        raise CannotPlant("a thing of Linux")
    if leak in NOT_ON_WINDOWS and sys.platform == "win32":
        raise CannotPlant("a thing of Unix")
    return PLANTS[leak](target)
