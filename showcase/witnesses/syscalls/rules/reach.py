"""Calls by which a process could act through another one, or through the kernel unseen."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import procfs
from showcase.witnesses.syscalls.calls.call import Unreadable
from showcase.witnesses.syscalls.calls.processes import is_descendant
from showcase.witnesses.syscalls.filter.listener import Answer

if TYPE_CHECKING:
    from showcase.witnesses.syscalls.calls.call import Call

_ATTACH, _SEIZE = 16, 0x4206  # the requests by which ptrace takes hold of a process
_MAX_KEY_TYPE, _MAX_KEY_NAME = 32, 256


def ptrace(call: Call) -> Answer | None:
    """Taking hold of a process; what follows on one that is held names nobody new."""
    if call.arguments[0] in {_ATTACH, _SEIZE}:
        return _reached(call, call.integer(1))
    return None


def process_vm_writev(call: Call) -> Answer | None:
    """Writing into another process's memory."""
    return _reached(call, call.integer(0))


def pidfd_getfd(call: Call) -> Answer | None:
    """Taking a copy of another process's descriptor, as the supervisor itself does."""
    return _reached(call, _pid_of(call.process.pid, call.integer(0)))


def prlimit64(call: Call) -> Answer | None:
    """Setting another process's limits: numbers that both can read and write, and by which it can be ended.

    Never those of a process outside, sealed or not: a supervisor without descriptors cannot look.
    """
    return _reached(call, call.integer(0), never_outside=True)


def io_uring_setup(call: Call) -> Answer | None:
    """Refuse: what is queued on a ring passes no filter. Libraries fall back, as on old kernels."""
    call.note("io_uring", outcome="ENOSYS", by="supervisor")
    return Answer(error=errno.ENOSYS)


def request_key(call: Call) -> Answer | None:
    """A key that the kernel fetches through a program of its own; of type `dns_resolver` it is a name."""
    call.note("request_key", None, **_key(call), by="caller")
    return None


def request_key_sealed(call: Call) -> Answer | None:
    """As `request_key`; but the program would run outside of the seal, so there are no keys."""
    call.note("request_key", None, **_key(call), by="supervisor", outcome="ENOKEY")
    return Answer(error=errno.ENOKEY)


def _key(call: Call) -> dict[str, object]:
    kind = text(call, call.arguments[0], _MAX_KEY_TYPE)
    return {"key_type": kind, "name": text(call, call.arguments[1], _MAX_KEY_NAME)}


def text(call: Call, address: int, most: int) -> str:
    """Read a C string; it may end right before a page that is not there.

    Raises:
        Unreadable: It cannot be read.
    """
    page = 4096
    length = min(most, page - address % page)
    try:
        raw = call.read(address, most)
    except Unreadable:
        raw = call.read(address, length)
    return raw.split(b"\0", 1)[0].decode(errors="backslashreplace")


def _reached(call: Call, pid: int, *, never_outside: bool = False) -> Answer | None:
    """Let it happen within the tree; never to the supervisor, and to nobody outside of a seal."""
    inside = pid == call.process.pid or is_descendant(pid, os.getpid())
    refused = pid == os.getpid() or ((call.sealed or never_outside) and not inside)
    call.note("reach", how=call.name, target=pid, inside=inside, refused=refused)
    return Answer(error=errno.EPERM) if refused else None


def _pid_of(holder: int, pidfd: int) -> int:
    try:
        return procfs.field(f"{holder}/fdinfo/{pidfd}", b"Pid")
    except OSError:
        return 0
