"""A Landlock domain around the watched: it forbids nothing but to act on processes outside, and to mount.

No process outside can be traced or opened from within (`/proc/PID/mem`, `fd`, `root`; `hook_ptrace_access_check` of
security/landlock/task.c): neither one of the same user, through which could be sent, nor the supervisor and its reader,
whose records could be edited. Around a sealed process it is the second wall: from a namespace of users no process has a
capability over one outside (`cap_ptrace_access_check` of security/commoncap.c). From Landlock's version 6 on it can
also hold signals, which namespaces do not.
"""

from __future__ import annotations

import os
import struct

from showcase.witnesses.syscalls import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_ASK_VERSION = 1
_RULE_PATH_BENEATH = 1
_FS_REFER = 1 << 13
_SCOPES = 0b11  # abstract Unix sockets, signals
_WITH_REFER = 2
HOLDS_SIGNALS = 6
"""From this version of Landlock on (Linux 6.12) no signal leaves the domain."""


class Fence:
    """Around a command that is not sealed: made in the child (`in_child`), and known to the parent (`in_parent`).

    Attributes:
        holds: Whether it is there.
    """

    def __init__(self) -> None:
        self.holds = False
        self._heard, self._tell = os.pipe()

    def in_child(self, *, wanted: bool) -> None:
        """Raise it where it is wanted. What can no longer gain rights may do so without having any."""
        if wanted:
            kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        os.write(self._tell, bytes([wanted and raise_fence(signals=False) > 0]))

    def in_parent(self) -> None:
        """Hear whether it holds, which the child always says; one that died before does not."""
        os.close(self._tell)
        self.holds = os.read(self._heard, 1) == b"\1"
        os.close(self._heard)


def version() -> int:
    """Return the version of this kernel's Landlock, 0 where it has none that could be used."""
    try:
        found = kernel.system_call(_CREATE_RULESET, None, kernel.unsigned_long(0), _ASK_VERSION)
    except OSError:
        return 0
    return found if found >= _WITH_REFER else 0  # one of that age would also forbid moving files between directories


def raise_fence(*, signals: bool = True) -> int:
    """Put this process and its children into a domain of their own.

    Args:
        signals: Whether signals and abstract Unix sockets are held in too, where this kernel can.

    Returns:
        The version of Landlock that holds, 0 where this kernel has none.
    """
    found = version()
    if not found:
        return 0
    try:
        scopes = _SCOPES if signals and found >= HOLDS_SIGNALS else 0
        attributes = struct.pack("=QQQ", _FS_REFER, 0, scopes)
        attributes = attributes if scopes else attributes[:8]
        ruleset = kernel.system_call(_CREATE_RULESET, attributes, kernel.unsigned_long(len(attributes)), 0)
        root = os.open("/", os.O_PATH | os.O_CLOEXEC)
        kernel.system_call(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("=Qi", _FS_REFER, root), 0)
        kernel.system_call(_RESTRICT_SELF, ruleset, 0)
        os.close(root)
        os.close(ruleset)
    except OSError:
        return 0
    return found
