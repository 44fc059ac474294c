"""A worker that forgets and leaves a process behind in session 2, and starts another Python in session 3."""

import sys
from importlib import import_module
from pathlib import Path

from showcase import worker
from showcase.scenes import recall, second_user

sys.path.append(str(Path(__file__).parent))
original = recall.search_and_ask
second_user.search_and_ask = import_module("spawning_worker").start_another
recall.search_and_ask = original
import_module("forgetful_worker")
if sys.platform == "linux":  # orphans are given away elsewhere
    import_module("orphan_worker")

if __name__ == "__main__":
    sys.exit(worker.main())
