"""What a seal refuses: to become another user or group, to enter or change namespaces, keys, and odd ways to watch.

Most of it the kernel refuses by itself. It is written down because a program that was refused may not have got to
what it does elsewhere.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls.filter.listener import Answer
from showcase.witnesses.syscalls.filter.program import CLONE_NEWUSER
from showcase.witnesses.syscalls.rules import privileges

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.witnesses.syscalls.calls.call import Call

_UNCHANGED = 0xFFFFFFFF
_ERRORS = {"add_key": errno.ENOSYS, "keyctl": errno.ENOSYS, "perf_event_open": errno.EACCES}
"""As on a kernel without keys, and as where `perf_event_paranoid` forbids it: what programs know. Else EPERM."""


def refuse(call: Call) -> Answer:
    """Refuse what the walls do not hold: keys, events, faults handled by programs, code in the kernel."""
    note(call, call.name)
    return Answer(error=_ERRORS.get(call.name, errno.EPERM))


def note(call: Call, what: str) -> None:
    """Write down that something was refused for the seal's sake; how often, for each process."""
    call.note_once("refused", "refused", name=what)


def become(call: Call) -> None:
    """To become another user or group. Who asks for what it is already (as a shell does) is given it."""
    name = call.name.removesuffix("32")
    wanted = {value & 0xFFFFFFFF for value in call.arguments[: _NUMBERS[name]]}
    if call.word == 4 and name == call.name:  # noqa: PLR2004 - the old calls of 32-bit interfaces take 16 bits
        wanted = {value & 0xFFFF if value & 0xFFFF != _UNCHANGED & 0xFFFF else _UNCHANGED for value in wanted}
    which, right = ("Gid", privileges.SETGID) if "gid" in name else ("Uid", privileges.SETUID)
    if not wanted - {_UNCHANGED} <= privileges.identities(call, which) and not privileges.holds(call, right):
        note(call, name)


def setgroups(call: Call) -> None:
    """To have other groups: refused in every namespace that is made without the machine's rights."""
    note(call, "setgroups")


def separate(call: Call) -> None:
    """To have a namespace of another kind than of users, without one of users that allows it."""
    if not call.arguments[0] & CLONE_NEWUSER and not privileges.holds(call, privileges.SYS_ADMIN):
        note(call, call.name)


def enter(call: Call) -> None:
    """To enter another's namespace, or to mount: in a namespace of users of its own a process may try."""
    if not privileges.holds(call, privileges.SYS_ADMIN):
        note(call, call.name)


def mount(call: Call) -> None:
    """To change what is mounted where. Landlock refuses it whatever rights a process has."""
    note(call, call.name)


def chroot(call: Call) -> None:
    """To have another root directory."""
    if not privileges.holds(call, privileges.SYS_CHROOT):
        note(call, call.name)


_NUMBERS = {"setuid": 1, "setgid": 1, "setreuid": 2, "setregid": 2, "setresuid": 3, "setresgid": 3}

HANDLERS: dict[str, Callable[[Call], Answer | None]] = {
    **dict.fromkeys(("add_key", "keyctl", "perf_event_open", "userfaultfd", "bpf"), refuse),
    **dict.fromkeys(("init_module", "finit_module"), refuse),
    **{f"{name}{width}": become for name in _NUMBERS for width in ("", "32")},
    **dict.fromkeys(("setgroups", "setgroups32"), setgroups),
    **dict.fromkeys(("unshare", "clone"), separate),
    **dict.fromkeys(("mount", "umount2", "pivot_root", "move_mount", "fsopen"), mount),
    "setns": enter,
    "chroot": chroot,
}
