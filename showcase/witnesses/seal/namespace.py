"""Entering a namespace of one's own: users, network, IPC, mounts. Runs in the child, and only there."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct
import sys
from contextlib import suppress

from showcase.witnesses.seal import ipc
from showcase.witnesses.syscalls import kernel
from showcase.witnesses.syscalls.supervisor import fence

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x08000000, 0x10000000, 0x40000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 1 << 18
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REMOUNT = 1, 2, 4, 8, 32

_MOUNTED_WITH = ((2, 2), (4, 4), (8, 8), (1024, 1 << 10), (2048, 1 << 11), (4096, 1 << 21))
"""Flags of statvfs(3), each with that of mount(2): nosuid, nodev, noexec, noatime, nodiratime, relatime."""

_PROGRAM = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120

_SIOCSIFFLAGS, _IFF_UP, _IFF_RUNNING = 0x8914, 1, 0x40
_NETLINK_ROUTE, _RTM_NEWROUTE, _NLMSG_ERROR = 0, 24, 2
_REQUEST_ACK_CREATE = 0x001 | 0x004 | 0x400
_TABLE_LOCAL, _PROTOCOL_BOOT, _TYPE_LOCAL, _SCOPE_UNIVERSE, _SCOPE_HOST = 255, 3, 2, 0, 254
_RTA_OIF = 4
_MOUNT_SETATTR = 442  # the same on every architecture; Linux 5.12
_AT_FDCWD, _AT_RECURSIVE, _ATTRIBUTE_READ_ONLY = -100, 0x8000, 1
_LAST_CAPABILITY = 63
_CAPABILITY_VERSION_3 = 0x20080522

QUEUES = "message queues, semaphores and shared memory of System V"

SETTINGS = (
    "/proc/sys",
    "/proc/sysrq-trigger",
    "/proc/acpi",
    "/proc/bus",
    "/proc/fs",
    "/proc/irq",
    "/proc/mtrr",
    "/proc/scsi",
    "/sys",
)
"""Where the kernel takes orders: by a write to a file, from whoever owns it. Programs that it runs are among them
(`core_pattern`, `uevent_helper`, `release_agent`): they would run outside."""

SERVICES = (
    "/run/nscd",
    "/var/run/nscd",
    "/run/systemd/resolve",
    "/run/systemd/userdb",
    "/run/dbus",
    "/run/avahi-daemon",
    "/run/docker.sock",
    "/run/docker",
    "/run/containerd",
    "/run/podman",
    "/run/snapd.socket",
    "/run/cups",
    "/tmp/.X11-unix",  # noqa: S108 - a place that is covered, not used
)
"""Where daemons wait that do for others what these may not do themselves: look up names, start programs."""


def enter() -> list[str]:
    """Move this process into a namespace with a loopback device to which every address belongs.

    Returns:
        What it still shares with the outside because this kernel has no namespaces of that kind.

    Raises:
        OSError: Namespaces are forbidden here (EPERM), or there are too many (ENOSPC).
    """
    uid, gid = os.geteuid(), os.getegid()
    shared = []
    try:
        kernel.library("unshare", CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        kernel.library("unshare", CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS)
        shared = [QUEUES]
    _write("setgroups", "deny")
    _write("uid_map", f"{uid} {uid} 1")
    _write("gid_map", f"{gid} {gid} 1")
    _raise_loopback()
    for family, scope in ((socket.AF_INET, _SCOPE_HOST), (socket.AF_INET6, _SCOPE_UNIVERSE)):
        _route_everything_to_loopback(family, scope)
    kernel.library("mount", b"none", b"/", None, kernel.unsigned_long(_MS_REC | _MS_PRIVATE), None)
    return shared


def cover_services(allowed: tuple[str, ...] = ()) -> list[str]:
    """Cover the sockets of services that answer for the machine outside; return what could not be covered.

    A name service asked over a Unix socket would look the name up where there is a network. The supervisor refuses
    what leads out; what is covered is not even there, which programs take for a machine without the service.

    Args:
        allowed: Paths of sockets that may be used.
    """
    uncovered = []
    places = {os.path.realpath(path) for path in (*SERVICES, f"/run/user/{os.getuid()}/bus")}
    for place in sorted(places):
        if not os.path.exists(place):  # noqa: PTH110 - pathlib is not loaded in a supervisor
            continue
        if any(os.path.realpath(path).startswith(place) for path in allowed):
            continue
        if not _cover(place):
            uncovered.append(place)
    return uncovered


def protect_settings() -> list[str]:
    """Make the kernel's settings read-only: root without capabilities could still write those that it owns.

    A second mount of them, as in a directory for chroot, shows the same settings. While it may be written, a namespace
    of users made inside may also mount a new one.

    Returns:
        Those that could not be made so.
    """
    seconds = {place for kind in ("proc", "sysfs") for place in ipc.mounted(kind)} - {"/proc", "/sys"}
    places = [place for place in (*SETTINGS, *sorted(seconds)) if os.path.exists(place)]  # noqa: PTH110 - as above
    return [place for place in places if not _sealed_off(place)]


def _sealed_off(place: str) -> bool:
    """Make a place read-only with all that is mounted below it; return whether it is."""
    path = place.encode()
    attributes = struct.pack("=QQQQ", _ATTRIBUTE_READ_ONLY, 0, 0, 0)
    size = kernel.unsigned_long(len(attributes))
    try:
        if not os.path.ismount(place):
            kernel.library("mount", path, path, None, kernel.unsigned_long(_MS_BIND | _MS_REC), None)
        kernel.system_call(_MOUNT_SETATTR, _AT_FDCWD, path, _AT_RECURSIVE, attributes, size)
    except OSError:
        return False
    return True


def protect_program() -> list[str]:
    """Make this program's own files read-only, and Python's; return those that could not be.

    The sealed are of our own user: what they changed there we would run ourselves the next moment, outside.
    """
    library = os.path.dirname(os.__file__)  # noqa: PTH120 - as above
    packages = os.path.join(sys.prefix, "lib", os.path.basename(library), "site-packages")  # noqa: PTH118, PTH119
    places = [path for path in (library, packages, _PROGRAM) if os.path.isdir(path)]  # noqa: PTH112 - as above
    return [place for place in places if not _made_read_only(place)]


def _made_read_only(place: str) -> bool:
    try:
        # What the file system is mounted with stays: a namespace of users may not take it away.
        kept = sum(mount for shown, mount in _MOUNTED_WITH if os.statvfs(place).f_flag & shown)
        kernel.library("mount", place.encode(), place.encode(), None, kernel.unsigned_long(_MS_BIND), None)
        flags = kernel.unsigned_long(_MS_REMOUNT | _MS_BIND | _MS_RDONLY | kept)
        kernel.library("mount", None, place.encode(), None, flags, None)
    except OSError:
        return False
    return True


def _cover(place: str) -> bool:
    try:
        if os.path.isdir(place):  # noqa: PTH112 - as above
            flags = kernel.unsigned_long(_MS_NOSUID | _MS_NODEV)
            kernel.library("mount", b"none", place.encode(), b"tmpfs", flags, b"size=64k,mode=755")
        else:
            kernel.library("mount", b"/dev/null", place.encode(), None, kernel.unsigned_long(_MS_BIND), None)
    except OSError:
        return False
    return True


def give_up_rights() -> int:
    """Drop every capability for good and fence this process in; return the fence's version, 0 for none."""
    with suppress(OSError):  # this kernel has no more
        for capability in range(_LAST_CAPABILITY + 1):
            kernel.prctl(kernel.PR_CAPBSET_DROP, capability)
    give_up_capabilities()
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    return fence.raise_fence()


def give_up_capabilities() -> None:
    """Drop what this process may do in its namespace; its children may then look at it as at any of their user."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    kernel.library("capset", header, bytes(24))


def _write(name: str, text: str) -> None:
    with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123 - as above
        file.write(text)


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP | _IFF_RUNNING))


def _route_everything_to_loopback(family: int, scope: int) -> None:
    """Make every address local: a program finds a route, as on a machine with a network, and meets us."""
    route = struct.pack(
        "=BBBBBBBBI", family, 0, 0, 0, _TABLE_LOCAL, _PROTOCOL_BOOT, scope, _TYPE_LOCAL, 0
    ) + struct.pack("=HHI", 8, _RTA_OIF, socket.if_nametoindex("lo"))
    header = struct.pack("=IHHII", 16 + len(route), _RTM_NEWROUTE, _REQUEST_ACK_CREATE, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_ROUTE) as netlink:
        netlink.bind((0, 0))
        netlink.send(header + route)
        kind, error = struct.unpack_from("=4xH10xi", netlink.recv(4096))
    if kind == _NLMSG_ERROR and error and not (family == socket.AF_INET6 and not _has_ipv6()):
        raise OSError(-error, os.strerror(-error))


def _has_ipv6() -> bool:
    return os.path.exists("/proc/net/if_inet6")  # noqa: PTH110 - as above
