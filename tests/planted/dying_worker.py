"""A worker that is killed in the middle of session 2."""

import os
import signal
import sys

from showcase import worker
from showcase.scenes import recall

recall.search_and_ask = lambda *_: os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

if __name__ == "__main__":
    sys.exit(worker.main())
