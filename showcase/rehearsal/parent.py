"""Notices the end of the parent process: the read end of a pipe whose write end only the parent holds.

That works on every system and also when the parent is killed, which a handler in the parent could not promise.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_STDIN = 0


def watch(gone: Callable[[], None]) -> None:
    """Calls back, from a thread of its own, when stdin reaches its end.

    A daemon thread on the bare descriptor: it must neither hold up the exit nor the lock of `sys.stdin`.
    """
    threading.Thread(target=_until_end, args=(gone,), name="parent", daemon=True).start()


def _until_end(gone: Callable[[], None]) -> None:
    try:
        while os.read(_STDIN, 4096):
            pass
    except OSError as failure:
        sys.stderr.write(f"rehearsal engine: stdin cannot be read ({failure.strerror}); ending\n")
    gone()
