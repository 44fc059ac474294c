"""A worker with three violations, each of another claim: chatty, nosy and leaky."""

import sys
from importlib import import_module
from pathlib import Path

from showcase import worker

sys.path.append(str(Path(__file__).parent))
for planted in ("chatty_worker", "nosy_worker", "leaky_worker"):
    import_module(planted)  # in this order: session 3 makes the search that there was before the leaky one's

if __name__ == "__main__":
    sys.exit(worker.main())
