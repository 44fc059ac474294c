"""`/proc` at one moment: who is whose child, and who holds which socket (Linux)."""

from __future__ import annotations

import ctypes
import os
import platform
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SOCKET = "socket:["
_KCMP = {"x86_64": 312, "aarch64": 272}.get(platform.machine())
_KCMP_FILES = 2
_PPID, _STARTED, _SIZE = 1, 19, 20
"""Fields of /proc/PID/stat behind the name, counted from the state on (proc(5))."""

Descriptors = dict[int, set[int]]
"""Descriptor numbers by the inode of the socket that they lead to."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A process. `started` is in ticks since the boot, and tells it from a later one of the same number."""

    pid: int
    parent: int
    name: str
    started: int
    gone: bool


def entry(pid: int) -> Entry | None:
    """Return what the process table says of a process, None where it is not there any more."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - thousands, ten times a second
            text = file.read().decode(errors="replace")
    except OSError:
        return None
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    # On its way to be a zombie it has lost its memory already; who lives has some.
    gone = fields[0] in "ZX" or fields[_SIZE] == "0"
    return Entry(pid, int(fields[_PPID]), head.partition("(")[2], int(fields[_STARTED]), gone)


@dataclass(slots=True)
class ProcessTable:
    """All processes that can be seen, and the sockets of those that may be looked into."""

    entries: dict[int, Entry] = field(default_factory=dict)
    held: dict[int, Descriptors] = field(default_factory=dict)
    holders: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    closed: set[int] = field(default_factory=set)

    def descendants(self, roots: Iterable[int]) -> set[int]:
        """Return the roots and all that came from them."""
        children = defaultdict(list)
        for each in self.entries.values():
            children[each.parent].append(each.pid)
        found, left = set(), list(roots)
        while left:
            pid = left.pop()
            if pid not in found:
                found.add(pid)
                left += children[pid]
        return found

    def sockets(self, pid: int) -> Descriptors | None:
        """Return the sockets of a process, those of threads with a table of their own with them.

        None: it may not be looked into. One that has ended has none.
        """
        held = dict(self.held.get(pid, {}))
        if pid in self.closed and not _threads(pid):
            latest = entry(pid)
            return {} if latest is None or latest.gone else None
        for thread in _threads(pid):
            more = _descriptors(f"/proc/{pid}/task/{thread}/fd")
            if more is None:
                return None
            for inode, numbers in more.items():
                held[inode] = held.get(inode, set()) | numbers
        return None if pid in self.closed and not held else held


def process_table() -> ProcessTable:
    """Take a look at every process: any of them may have been handed what a server had a moment ago."""
    table = ProcessTable()
    for name in os.listdir("/proc"):  # noqa: PTH208 - ten times a second
        if name.isdigit():
            _ask(table, int(name))
    return table


def _ask(table: ProcessTable, pid: int) -> None:
    found = entry(pid)
    if found is None:
        return
    table.entries[pid] = found
    held = _descriptors(f"/proc/{pid}/fd")
    if held is None:
        table.closed.add(pid)
    else:
        _hold(table, pid, held)


def _hold(table: ProcessTable, pid: int, held: Descriptors) -> None:
    table.held[pid] = held
    for inode in held:
        table.holders[inode].add(pid)


def leads_to(place: str, inode: int) -> bool:
    """Return whether a descriptor is still that of the socket with this inode."""
    try:
        return os.readlink(place) == f"{_SOCKET}{inode}]"  # noqa: PTH115 - as above
    except OSError:
        return False


def _descriptors(place: str) -> Descriptors | None:
    """Return the sockets among the descriptors of a process or thread, None where they may not be seen."""
    found: Descriptors = defaultdict(set)
    try:
        with os.scandir(place) as descriptors:
            for each in descriptors:
                try:
                    target = os.readlink(each.path)  # noqa: PTH115 - thousands, ten times a second
                except FileNotFoundError:  # closed meanwhile
                    continue
                if target.startswith(_SOCKET):
                    found[int(target[len(_SOCKET) : -1])].add(int(each.name))
    except FileNotFoundError:
        return {}
    except OSError:
        return None
    return found


def _threads(pid: int) -> list[int]:
    """Return the threads of a process whose descriptors are not, or may not be, those of the process itself."""
    try:
        threads = [int(name) for name in os.listdir(f"/proc/{pid}/task")]  # noqa: PTH208 - as above
    except OSError:
        return []
    return [thread for thread in threads if thread != pid and not _shares_files(pid, thread)]


def _shares_files(pid: int, thread: int) -> bool:
    """Return whether the kernel says that both have one table of descriptors (kcmp(2))."""
    if _KCMP is None:
        return False
    return int(_libc().syscall(_KCMP, pid, thread, _KCMP_FILES, 0, 0)) == 0


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)
