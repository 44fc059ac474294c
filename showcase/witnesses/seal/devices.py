"""Devices that the sealed may open: those to compute with, and their own terminal. Others are covered.

A device is a way out that names no destination: a tun device, a modem, a disk, another terminal, the console, the
kernel's log, an input device that types. An ordinary user may open few of them; root owns them all.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.witnesses.seal.ipc import mounted
from showcase.witnesses.syscalls import kernel, procfs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MS_BIND = 0x1000
_DEVICES = "/dev"
_OF_DEVICES = ("devtmpfs", "devpts")  # a second one, as in a directory for chroot, shows the same devices
_NOT_DEVICES = frozenset({"shm", "mqueue", "hugepages", "fd"})

PLAIN = frozenset({"null", "zero", "full", "random", "urandom", "tty", "ptmx"})
"""Every program needs them, and they lead nowhere: `tty` is the terminal that a process has already."""

COMPUTING = (
    "nvidia", "dri", "kfd", "dxg", "accel", "mali", "kgsl", "davinci", "devmm_svm", "hisi_hdc", "hl", "neuron",
    "tenstorrent", "apex_", "dma_heap", "udmabuf", "kvm",
)  # fmt: skip
"""How the names of devices begin that programs compute with: graphics processors, accelerators, virtual machines."""


def cover() -> list[str]:
    """Cover every device that may be opened here and is not of use; return those that could not be covered."""
    own = _own_terminals()
    uncovered = []
    roots = {_DEVICES, *(place for kind in _OF_DEVICES for place in mounted(kind))}
    for path, device in dict(node for root in sorted(roots) for node in _nodes(root)).items():
        may_be_opened = os.access(path, os.R_OK) or os.access(path, os.W_OK)
        if not may_be_opened or device in own or _of_use(path, roots):
            continue
        try:
            kernel.library("mount", b"/dev/null", os.fsencode(path), None, kernel.unsigned_long(_MS_BIND), None)
        except OSError:
            uncovered.append(path)
    return uncovered


def _of_use(path: str, roots: Iterable[str]) -> bool:
    root = max((root for root in roots if path.startswith(root + "/")), key=len)
    name, *rest = path[len(root) + 1 :].split("/")
    return name.startswith(COMPUTING) or (not rest and name in PLAIN)


def _nodes(directory: str) -> Iterator[tuple[str, int]]:
    """Yield each device below a directory with its number. Links are left out: what they lead to is there as well."""
    with suppress(OSError):  # it may not be looked into, so nothing in it can be opened
        for entry in os.scandir(directory):
            if entry.is_dir(follow_symlinks=False):
                if directory != _DEVICES or entry.name not in _NOT_DEVICES:
                    yield from _nodes(entry.path)
                continue
            with suppress(OSError):  # it went away
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISCHR(found.st_mode) or stat.S_ISBLK(found.st_mode):
                    yield entry.path, found.st_rdev


def _own_terminals() -> set[int]:
    """Return the numbers of the terminals that the command is given: it must find the name of its own (ttyname(3))."""
    own = set()
    for descriptor in range(3):
        with suppress(OSError):
            found = os.fstat(descriptor)
            if stat.S_ISCHR(found.st_mode):
                own.add(found.st_rdev)
    with suppress(OSError, IndexError, ValueError):
        own.add(int(procfs.read("self/stat").rpartition(b")")[2].split()[4]))  # tty_nr, 0 where there is none
    return own
