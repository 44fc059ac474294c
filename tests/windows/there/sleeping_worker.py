"""A first session that says nothing for a long time, and leaves a file beside its events if it wakes."""

import sys
import time
from pathlib import Path

from showcase import worker

SLEEPS_S = 120

if __name__ == "__main__":
    original = worker.Orders.play

    def sleep(orders: worker.Orders) -> bytes:
        order = original(orders)
        if "session 1" not in sys.argv:
            return order
        time.sleep(SLEEPS_S)
        Path(sys.argv[sys.argv.index("--events") + 1]).with_name("woke").touch()
        return order

    worker.Orders.play = sleep  # type: ignore[method-assign]
    sys.exit(worker.main())
