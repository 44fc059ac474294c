"""What the caller may do: a call that is made in its place is made with no more than that."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from showcase.witnesses.syscalls import kernel, procfs

if TYPE_CHECKING:
    from collections.abc import Iterator

PRIVILEGED_PORTS = 1024
"""Ports below are for those with CAP_NET_BIND_SERVICE, in a network namespace that was left as it was made."""


@contextmanager
def of_thread(tid: int) -> Iterator[None]:
    """Act with no more capabilities than a thread has: it may be root without any, where we have all.

    Raises:
        OSError: The thread is gone.
    """
    ours, _ = kernel.capabilities()
    theirs = procfs.capabilities(tid)
    if not ours & ~theirs:
        yield
        return
    kernel.use_capabilities(ours & theirs)
    try:
        yield
    finally:
        kernel.use_capabilities(ours)


def same_person(tid: int) -> bool:
    """Return whether a thread acts as our own user and group: another's rights to files are not ours to use.

    Raises:
        OSError: The thread is gone.
    """
    return procfs.identity(tid) == procfs.identity(os.getpid())
