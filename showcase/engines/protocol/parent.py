"""Notices the end of the parent process: the read end of a pipe whose write end only the parent holds.

That works on every system and also when the parent is killed, which a handler in the parent could not promise.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from showcase.processes import standard_input

if TYPE_CHECKING:
    from collections.abc import Callable


_NONE = -1


def watch(gone: Callable[[], None]) -> None:
    """Calls back, from a thread of its own, when what was stdin reaches its end; nobody else reads it then.

    A daemon thread on the bare descriptor: it must neither hold up the exit nor the lock of `sys.stdin`.
    """
    try:
        descriptor = standard_input.take()
    except OSError:
        descriptor = _NONE
    threading.Thread(target=_until_end, args=(descriptor, gone), name="parent", daemon=True).start()


def _until_end(descriptor: int, gone: Callable[[], None]) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except OSError as failure:
        sys.stderr.write(f"engine: stdin cannot be read ({failure.strerror}); ending\n")
    gone()
