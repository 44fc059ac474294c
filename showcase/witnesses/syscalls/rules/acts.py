"""What the kernel does for root at a call that names no destination: mounts, other networks, code of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import procfs
from showcase.witnesses.syscalls.filter.program import CLONE_NEWNET, CLONE_NEWUSER
from showcase.witnesses.syscalls.rules import changes, privileges
from showcase.witnesses.syscalls.rules.reach import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.witnesses.syscalls.calls.call import Call

_MAX_TYPE = 64
_PROGRAM_LOAD = 5  # BPF_PROG_LOAD of linux/bpf.h

OVER_A_NETWORK = (
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "gfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "ocfs",
    "orangefs", "pvfs", "smb",
)  # fmt: skip
"""How the names of file systems begin for which the kernel itself talks to other machines."""


def mount(call: Call) -> None:
    """A file system that lies on another machine; the kernel connects to it."""
    _mounted(call, call.arguments[2])


def fsopen(call: Call) -> None:
    """Likewise, by the newer calls."""
    _mounted(call, call.arguments[0])


def _mounted(call: Call, address: int) -> None:
    kind = text(call, address, _MAX_TYPE) if address else ""
    if kind.startswith(OVER_A_NETWORK) and privileges.outside_holds(call, privileges.SYS_ADMIN):
        _note(call, f"file system {kind}")
    if call.post.fenced and privileges.holds(call, privileges.SYS_ADMIN):  # as in a namespace of users of its own
        changes.note(call, call.name)


def setns(call: Call) -> None:
    """Another network: what is then called 127.0.0.1 is somebody else."""
    given = procfs.link(f"{call.process.pid}/fd/{call.integer(0)}") or ""
    kind = call.arguments[1] & 0xFFFFFFFF
    # Without a kind any namespace will do; one that is mounted somewhere shows a path, any other its kind.
    named = kind & CLONE_NEWNET if kind else given.startswith(("net:", "/"))
    if named and given != procfs.link("self/ns/net") and privileges.outside_holds(call, privileges.SYS_ADMIN):
        _note(call, "another network")


def unshare(call: Call) -> None:
    """A new network, to which root can lead a wire. One in a namespace of users of its own leads nowhere."""
    flags = call.arguments[0]
    if flags & CLONE_NEWNET and not flags & CLONE_NEWUSER and privileges.outside_holds(call, privileges.SYS_ADMIN):
        _note(call, "another network")


def init_module(call: Call) -> None:
    """Code of its own in the kernel."""
    if privileges.outside_holds(call, privileges.SYS_MODULE):
        _note(call, "a kernel module")


def bpf(call: Call) -> None:
    """A program of its own in the kernel, which may send packets."""
    if call.arguments[0] & 0xFFFFFFFF == _PROGRAM_LOAD and privileges.outside_holds(
        call, privileges.BPF, privileges.SYS_ADMIN
    ):
        _note(call, "a BPF program")


def _note(call: Call, what: str) -> None:
    call.note("reach", how=call.name, name=what, inside=False, refused=False)


HANDLERS: dict[str, Callable[[Call], None]] = {
    "mount": mount,
    "fsopen": fsopen,
    "setns": setns,
    "unshare": unshare,
    "clone": unshare,
    "init_module": init_module,
    "finit_module": init_module,
    "bpf": bpf,
}
