"""Makes of this Python on Linux, when it starts, one that has what it would have on macOS, and nothing of Linux.

Imported by every Python that is started from `conftest.Mac`. This program's own modules are told that they are on
macOS; libraries are not, as they would look for libraries of that system. `/proc` is hidden from all of it by
`hidden.py`; psutil, which needs one here, has it somewhere else, and tells an ordinary user what it tells on macOS: of
other users' processes that they are there, and nothing that they hold. Source of that: `_psosx.py` of psutil.
"""

# ruff: noqa: PLC0415 - it replaces what others import after it
from __future__ import annotations

import fcntl
import functools
import json
import os
import platform
import resource
import select
import signal
import socket
import sys
import time
import types
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

GONE = {
    os: ("memfd_create", "eventfd", "eventfd_read", "eventfd_write", "pidfd_open", "sched_getaffinity",
         "sched_setaffinity", "pipe2", "posix_fadvise", "posix_fallocate", "getrandom", "copy_file_range", "splice",
         "setns", "unshare", "O_PATH", "O_TMPFILE", "O_DIRECT", "O_LARGEFILE", "O_NOATIME", "getresuid", "setresuid",
         "getresgid", "setresgid", "sched_setscheduler", "sched_getscheduler", "sched_setparam", "sched_getparam",
         "waitid", "P_PIDFD", "accept4"),
    signal: ("sigtimedwait", "sigwaitinfo", "pidfd_send_signal", "SIGRTMIN", "SIGRTMAX", "SIGPWR", "SIGSTKFLT",
             "SIGPOLL", "SIGCLD"),
    socket: ("AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG", "SOCK_CLOEXEC", "SOCK_NONBLOCK", "SO_PEERCRED",
             "SO_BINDTODEVICE", "SO_DOMAIN", "SO_PROTOCOL", "SO_MARK", "TCP_INFO", "MSG_CMSG_CLOEXEC",
             "IPPROTO_UDPLITE", "IPPROTO_MPTCP"),
    select: ("epoll",),
    resource: ("prlimit", "RUSAGE_THREAD"),
    time: ("CLOCK_BOOTTIME", "CLOCK_TAI"),
    fcntl: ("F_SETPIPE_SZ", "F_GETPIPE_SZ", "F_ADD_SEALS", "F_GET_SEALS"),
}  # fmt: skip
"""What Python has on Linux and not on macOS. Source: its documentation's notes on availability."""

OF_OTHERS = ("net_connections", "cmdline", "exe", "environ", "cwd", "memory_info", "memory_full_info", "cpu_times",
             "num_fds", "num_threads", "open_files", "threads")  # fmt: skip
"""What psutil's `_psosx.py` asks the kernel of the process itself, which it answers to its owner and to root."""


def become(procfs: str, told: str) -> None:
    """Be like macOS from now on.

    Args:
        procfs: Where psutil finds what is hidden.
        told: A file of JSON that is read at every question: `root`, whether psutil is asked as root, and `denied`,
            processes that tell psutil nothing, whoever asks.
    """
    if isinstance(sys, _Sys):  # some distributions read such files twice
        return
    import psutil

    psutil.PROCFS_PATH = procfs
    _restrict(psutil, Path(told))
    for module, names in GONE.items():
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    sys.__class__ = _Sys
    for name, said in (("system", "Darwin"), ("release", "24.6.0"), ("machine", "arm64")):
        setattr(platform, name, functools.partial(_say, said, getattr(platform, name)))


class _Sys(types.ModuleType):
    """The module `sys`, which tells who asks what they are to know."""

    @property
    def platform(self) -> str:
        return "darwin" if _asks_of_ours() else "linux"


def _say(said: str, real: Callable[[], str]) -> str:
    return said if _asks_of_ours() else real()


def _asks_of_ours() -> bool:
    asking = sys._getframe(2).f_globals
    return asking.get("__name__") == "__main__" or str(asking.get("__package__")).partition(".")[0] == "showcase"


def _restrict(psutil: Any, told: Path) -> None:
    process = psutil.Process

    def is_denied(pid: int, uid: int) -> bool:
        known = json.loads(told.read_text())
        return pid in known["denied"] or (not known["root"] and uid != os.getuid())

    def only_of_ours(method: Any) -> Any:
        @functools.wraps(method)
        def asked(self: Any, *arguments: Any, **named: Any) -> Any:
            if is_denied(self.pid, self.uids().real):
                raise psutil.AccessDenied(self.pid)
            return method(self, *arguments, **named)

        return asked

    psutil.net_connections = functools.partial(_of_the_system, psutil, process.net_connections, told)
    for name in OF_OTHERS:
        setattr(process, name, only_of_ours(getattr(process, name)))
    for name in ("rlimit", "ionice", "cpu_affinity", "cpu_num", "io_counters"):
        if hasattr(process, name):
            delattr(process, name)


def _of_the_system(psutil: Any, held: Callable[..., Any], told: Path, kind: str = "inet") -> list[Any]:
    """Ask one process after the other, as psutil does there."""
    root = json.loads(told.read_text())["root"]
    # What this user may not look at here, root may there: that is not looked for.
    ignored = (psutil.NoSuchProcess, psutil.AccessDenied) if root else (psutil.NoSuchProcess,)
    rows: list[Any] = []
    for pid in psutil.pids():
        if pid != os.getpid() and not root:
            raise psutil.AccessDenied(pid)
        with suppress(*ignored):
            rows += [psutil._ntuples.sconn(*each, pid) for each in held(psutil.Process(pid), kind)]
    return rows
