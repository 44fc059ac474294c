"""A worker that leaves a process behind, as Windows has it: its parent gone, its streams its own."""

import subprocess
import sys

from showcase import worker
from showcase.scenes import recall

LEFT = "import time; time.sleep(300)"
BETWEEN = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {LEFT!r}])"

original = recall.search_and_ask


def leave_one_behind(*arguments: object) -> None:
    nothing = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    subprocess.run([sys.executable, "-c", BETWEEN], check=True, **nothing)
    original(*arguments)


recall.search_and_ask = leave_one_behind

if __name__ == "__main__":
    sys.exit(worker.main())
