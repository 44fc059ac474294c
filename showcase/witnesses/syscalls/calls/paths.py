"""The path of a Unix socket, followed as its caller's thread would follow it, to the file that it leads to.

What is found is held (an O_PATH descriptor), and the call is then made on what is held: a path, a link or a directory
that is changed meanwhile leads nowhere else.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import kernel
from showcase.witnesses.syscalls.rules import rights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.witnesses.syscalls.calls.processes import Process

_MOST_LINKS = 40  # the kernel's own limit (path_resolution(7))
_LOOK = os.O_PATH | os.O_CLOEXEC
_STEP = _LOOK | os.O_NOFOLLOW
_WHO_LOOKS = {b"self": "{pid}", b"thread-self": "{pid}/task/{tid}"}


class Unfollowed(Exception):  # noqa: N818 - an answer about another process, not an error of ours
    """A path leads nowhere for its caller; `error` is what the kernel would say."""

    def __init__(self, error: int) -> None:
        super().__init__(errno.errorcode.get(error, str(error)))
        self.error = error


def follow(path: bytes, process: Process) -> int:
    """Return a descriptor of what a path leads to for a process; whoever asks closes it.

    Raises:
        Unfollowed: It leads nowhere, or its caller may not go there.
        OSError: The caller's root or directory may not be looked at.
    """
    with _held(os.open(f"/proc/{process.tid}/root", _LOOK)) as root:
        start = root if path.startswith(b"/") else os.open(f"/proc/{process.tid}/cwd", _LOOK)
        try:
            with rights.of_thread(process.tid):
                return _walk(path, os.dup(start), root, process)
        finally:
            if start != root:
                os.close(start)


def reachable(found: int) -> bytes:
    """Return a path by which we reach what a descriptor holds, whatever became of its name."""
    return b"/proc/self/fd/%d" % found


def _walk(path: bytes, place: int, root: int, process: Process) -> int:
    left = _parts(path)
    links = 0
    try:
        while left:
            part = left.pop(0)
            if part == b".." and os.path.samestat(os.fstat(place), os.fstat(root)):
                continue
            found = os.open(part, _STEP, dir_fd=place)
            if not stat.S_ISLNK(os.fstat(found).st_mode):
                os.close(place)
                place = found
                continue
            with _held(found):
                links += 1
                _count(links)
                if kernel.is_proc(found) and part not in _WHO_LOOKS:
                    # Such a link is no text, but leads where the kernel says: ours is the same as the caller's.
                    after = os.open(part, _LOOK, dir_fd=place)
                    target = b""
                else:
                    target = _target(part, found, process)
                    after = os.dup(root if target.startswith(b"/") else place)
            os.close(place)
            place = after
            left = _parts(target) + left
    except OSError as error:
        os.close(place)
        raise Unfollowed(error.errno or errno.EIO) from error
    return place


def _count(links: int) -> None:
    if links > _MOST_LINKS:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _parts(path: bytes) -> list[bytes]:
    return [part for part in path.split(b"/") if part not in {b"", b"."}]


def _target(name: bytes, link: int, process: Process) -> bytes:
    if name in _WHO_LOOKS and kernel.is_proc(link):
        return _WHO_LOOKS[name].format(pid=process.pid, tid=process.tid).encode()
    return os.readlink(b"", dir_fd=link)


@contextmanager
def _held(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def may_write(found: int, process: Process) -> bool:
    """Return whether the process may speak to the socket that a descriptor holds."""
    with rights.of_thread(process.tid):
        return os.access(reachable(found), os.W_OK, effective_ids=True)
