"""Queues and shared memory of the sealed alone: those of System V and POSIX have no address and need no network.

A namespace of IPC holds what is named by keys; what is named by paths lies in file systems of its own kind, which are
covered with fresh ones.
"""
# ruff: noqa: PTH102, PTH112, PTH118, PTH123 - pathlib is not loaded in a supervisor

from __future__ import annotations

import os
from contextlib import suppress

from showcase.witnesses.syscalls import kernel

_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8
_MS_BIND, _MS_REC = 0x1000, 0x4000
_SHARED_MEMORY = ("/dev/shm", "/run/shm")  # noqa: S108 - places that are covered, not used
_JOIN_SESSION_KEYRING = 1
_KEYCTL = {"x86_64": 250, "aarch64": 219}
_ESCAPES = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}


def cover_shared() -> list[str]:
    """Cover message queues and shared memory that are shared with the outside; return what could not be covered."""
    places = sorted({os.path.realpath(place) for place in _SHARED_MEMORY if os.path.isdir(place)})
    uncovered = [place for place in places if not _own_shared_memory(place)]
    return uncovered + [place for place in mounted("mqueue") if not _own_queues(place)]


def leave_session_keyring() -> None:
    """Begin with an empty session keyring: the one that was inherited is shared with the outside.

    The calls that read and write keys are refused inside; the kernel's own look-ups would still see it.
    """
    with suppress(OSError):  # there are no keys, or none may be had: then there is none that is shared either
        kernel.system_call(_KEYCTL[os.uname().machine], _JOIN_SESSION_KEYRING, None)


def _own_queues(place: str) -> bool:
    flags = kernel.unsigned_long(_MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    try:
        kernel.library("mount", b"mqueue", place.encode(), b"mqueue", flags, None)
    except OSError:
        return False
    return True


def _own_shared_memory(place: str) -> bool:
    """Put an empty tmpfs of the kernel's usual size there; directories stay: they are files as anywhere else.

    Names of POSIX shared memory and semaphores hold no further slash (shm_overview(7)), so they lie at the top.
    """
    before = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        flags = kernel.unsigned_long(_MS_NOSUID | _MS_NODEV)
        kernel.library("mount", b"none", place.encode(), b"tmpfs", flags, b"mode=1777")
        for entry in sorted(os.scandir(f"/proc/self/fd/{before}"), key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False):
                _keep(f"/proc/self/fd/{before}/{entry.name}", os.path.join(place, entry.name))
    except OSError:
        return False
    finally:
        os.close(before)
    return True


def _keep(directory: str, place: str) -> None:
    """Show a directory that was there before. One that cannot be is missing inside, which opens nothing."""
    with suppress(OSError):
        os.mkdir(place)
        flags = kernel.unsigned_long(_MS_BIND | _MS_REC)
        kernel.library("mount", os.fsencode(directory), os.fsencode(place), None, flags, None)


def mounted(file_system: str) -> list[str]:
    """Return where file systems of a kind are mounted, from `proc_pid_mountinfo(5)`."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        rows = [line.split(" - ") for line in file]
    return sorted({_plain(row[0].split()[4]) for row in rows if row[-1].split()[0] == file_system})


def _plain(path: str) -> str:
    for escaped, character in _ESCAPES.items():
        path = path.replace(escaped, character)
    return path
