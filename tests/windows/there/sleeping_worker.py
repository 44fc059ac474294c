"""A worker that says nothing for a long time."""

import sys
import time

from showcase import worker
from showcase.scenes import plant, planting, recall  # noqa: F401 - whichever plays first

SLEEPS_S = 240

if __name__ == "__main__":
    original = worker.Orders.play

    def sleep(orders: worker.Orders) -> bytes:
        order = original(orders)
        time.sleep(SLEEPS_S)
        return order

    worker.Orders.play = sleep  # type: ignore[method-assign]
    sys.exit(worker.main())
