"""Capabilities by which the kernel sends for a process what none of its calls names."""

from __future__ import annotations

import os
import stat
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import kernel, procfs

if TYPE_CHECKING:
    from showcase.witnesses.syscalls.calls.call import Call

SETGID, SETUID, NET_ADMIN, NET_RAW, SYS_MODULE = 6, 7, 12, 13, 16
SYS_RAWIO, SYS_CHROOT, SYS_PTRACE, SYS_ADMIN, SYS_BOOT, MKNOD, PERFMON, BPF = 17, 18, 19, 21, 22, 27, 38, 39
"""Numbers of linux/capability.h."""

KERNEL_ACTS = {
    NET_ADMIN: "CAP_NET_ADMIN",
    SYS_MODULE: "CAP_SYS_MODULE",
    SYS_RAWIO: "CAP_SYS_RAWIO",
    SYS_ADMIN: "CAP_SYS_ADMIN",
    BPF: "CAP_BPF",
}
"""Who has one of them can have the kernel make traffic: devices and routes of its own, mounts, code in the kernel."""

NOT_NEEDED = (*KERNEL_ACTS, NET_RAW, SYS_PTRACE, SYS_BOOT, MKNOD, PERFMON)
"""What a worker of ours is started without."""

_VERSION_3 = 0x20080522
_SETS = struct.Struct("=6I")


def at_exec(pid: int) -> list[str]:
    """Return which rights to have the kernel act a process will have once it runs its program; it has not yet.

    An ordinary user keeps its ambient set, root what it may have at all (capabilities(7), "Transformation of
    capabilities during execve"); no program adds to them, because of `no_new_privs`.
    """
    status = _status(pid)
    user = status["Uid"].split()[1]
    kept = int(status["CapPrm"], 16) & int(status["CapBnd"], 16) if user == "0" else int(status["CapAmb"], 16)
    return [name for number, name in KERNEL_ACTS.items() if kept >> number & 1]


def of_its_file(program: str) -> bool:
    """Return whether a program would act as another user or group, or with capabilities, because its file says so.

    None does under a filter (`no_new_privs`). Where the file cannot be looked at it would not.

    Args:
        program: As it was given: a path, or a name that is looked for on PATH.
    """
    places = [program] if "/" in program else [f"{each or '.'}/{program}" for each in os.get_exec_path()]
    file = next((place for place in places if os.access(place, os.X_OK) and not os.path.isdir(place)), program)  # noqa: PTH112 - as in procfs
    try:
        found = os.stat(file)  # noqa: PTH116 - likewise
        as_user = found.st_mode & stat.S_ISUID and found.st_uid != os.getuid()
        as_group = found.st_mode & stat.S_ISGID and found.st_gid not in {os.getgid(), *os.getgroups()}
        with_rights = os.getuid() != 0 and "security.capability" in os.listxattr(file)
    except OSError:
        return False
    return bool(as_user or as_group or with_rights)


def any_at_all() -> bool:
    """Return whether this process has capabilities, which what it seals will be without."""
    return int(_status(os.getpid())["CapPrm"], 16) != 0


def give_up() -> None:
    """Drop, in this process and all that it starts, what no worker needs."""
    for number in NOT_NEEDED:
        with suppress(OSError):  # an ordinary user has none and may not drop them; or this kernel does not know it
            kernel.prctl(kernel.PR_CAPBSET_DROP, number)
    kept = ~sum(1 << number for number in NOT_NEEDED)
    status = _status(os.getpid())
    sets = [int(status[name], 16) & kept for name in ("CapEff", "CapPrm", "CapInh")]
    halves = [each >> shift & 0xFFFFFFFF for shift in (0, 32) for each in sets]
    kernel.library("capset", struct.pack("=Ii", _VERSION_3, 0), _SETS.pack(*halves))


def holds(call: Call, capability: int) -> bool:
    """Return whether the calling thread has a capability, in whatever namespace of users it is."""
    return bool(int(_status(call.tid)["CapEff"], 16) >> capability & 1)


def outside_holds(call: Call, *capabilities: int) -> bool:
    """Return whether the calling thread has one of them for the machine, not just in a namespace that it made."""
    return of_the_machine(call) and any(holds(call, capability) for capability in capabilities)


def of_the_machine(call: Call) -> bool:
    """Return whether the calling thread is in our namespace of users; where that cannot be told it is."""
    theirs, ours = (procfs.link(f"{who}/ns/user") for who in (call.tid, "self"))
    return theirs in {ours, None}


def identities(call: Call, which: str) -> set[int]:
    """Return the real, effective and saved numbers of the calling thread's user (`Uid`) or group (`Gid`)."""
    return {int(number) for number in _status(call.tid)[which].split()[:3]}


def _status(thread: int) -> dict[str, str]:
    lines = procfs.read(f"{thread}/status").decode(errors="replace").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
