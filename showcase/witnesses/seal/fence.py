"""A Landlock domain around the sealed: it forbids nothing but to act on processes outside, and to mount.

A process of the same user outside cannot be traced or opened (`/proc/PID/mem`, `fd`, `root`) from a namespace of users,
where no process has a capability over it (`cap_ptrace_access_check` of security/commoncap.c). Landlock refuses the
same a second time, and from its version 6 on signals too, which namespaces do not hold in.
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


def raise_fence() -> int:
    """Put this process and its children into a domain of their own.

    Returns:
        The version of Landlock that holds, 0 where this kernel has none.
    """
    try:
        version = kernel.system_call(_CREATE_RULESET, None, kernel.unsigned_long(0), _ASK_VERSION)
        if version < _WITH_REFER:
            return 0  # a ruleset of that age would also forbid moving files between directories
        scopes = _SCOPES if version >= HOLDS_SIGNALS else 0
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
    return version
