"""A worker that starts another Python by `multiprocessing`, which no audit event announces."""

import multiprocessing
import sys

from showcase import worker
from showcase.scenes import recall

original = recall.search_and_ask


def start_another(*arguments: object) -> None:
    process = multiprocessing.get_context("spawn").Process(target=print)
    process.start()
    process.join()
    original(*arguments)  # type: ignore[arg-type]


recall.search_and_ask = start_another

if __name__ == "__main__":
    sys.exit(worker.main())
