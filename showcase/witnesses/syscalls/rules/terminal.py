"""Requests that make a terminal more than a place to print: typing into it, pasting, turning it into a network.

What is typed into the terminal of whoever started us is run by their shell, outside of every tree and seal.
"""

from __future__ import annotations

import errno
import struct
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import procfs
from showcase.witnesses.syscalls.filter.listener import Answer
from showcase.witnesses.syscalls.filter.program import IOCTLS
from showcase.witnesses.syscalls.rules import privileges
from showcase.witnesses.syscalls.rules.changes import note

if TYPE_CHECKING:
    from showcase.witnesses.syscalls.calls.call import Call

_PLAIN_DISCIPLINE = 0  # N_TTY of linux/tty.h
_SELECT, _PASTE = 2, 3  # TIOCL_SETSEL and TIOCL_PASTESEL of linux/tiocl.h


def ioctl(call: Call) -> Answer | None:
    """Refuse what types; write down what makes a network."""
    request = IOCTLS[call.arguments[1] & 0xFFFFFFFF]
    if request == "TIOCSTI":
        return _refuse(call, request)
    if request == "TIOCLINUX":
        (asked,) = call.read_whole(call.arguments[2], 1)
        # Other requests by this number ask for the state of keys, but may have become these when the kernel reads.
        return _refuse(call, request) if asked in {_SELECT, _PASTE} else Answer(error=errno.EPERM)
    network = request == "TUNSETIFF" or (request == "TIOCSETD" and _discipline(call) != _PLAIN_DISCIPLINE)
    if network and privileges.of_the_machine(call):  # a namespace of its own leads nowhere
        _reached(call, request, refused=False)
    return None


def ioctl_sealed(call: Call) -> Answer | None:
    """Likewise, and refuse what makes a network, or takes the console's output."""
    request = IOCTLS[call.arguments[1] & 0xFFFFFFFF]
    if request == "TUNSETIFF":
        return _refuse(call, request)
    if request == "TIOCSETD":
        return None if _discipline(call) == _PLAIN_DISCIPLINE else _refuse(call, request)
    if request == "TIOCCONS":
        note(call, request)
        return Answer(error=errno.EPERM)
    return ioctl(call)


def _refuse(call: Call, request: str) -> Answer:
    _reached(call, request, refused=True)
    return Answer(error=errno.EPERM)


def _reached(call: Call, request: str, *, refused: bool) -> None:
    descriptor = call.integer(0)
    what = procfs.link(f"{call.process.pid}/fd/{descriptor}") or f"descriptor {descriptor}"
    call.note_once(request, "reach", how=request, name=what, inside=False, refused=refused)


def _discipline(call: Call) -> int:
    return int(struct.unpack("=i", call.read_whole(call.arguments[2], 4))[0])
