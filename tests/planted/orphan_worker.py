"""A worker that leaves a process behind: forked by C, in a session of its own, its parent gone."""

import ctypes
import os
import sys
import time

from showcase import worker
from showcase.scenes import recall

original = recall.search_and_ask


def leave_one_behind(*arguments: object) -> None:
    libc = ctypes.CDLL(None)
    if libc.fork() == 0:
        os.setsid()
        if libc.fork() != 0:
            os._exit(0)
        os.closerange(0, 20)
        time.sleep(60)
        os._exit(0)
    original(*arguments)  # type: ignore[arg-type]


recall.search_and_ask = leave_one_behind

if __name__ == "__main__":
    sys.exit(worker.main())
