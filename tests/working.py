"""How much work something is, counted: a busy machine says the same as an idle one."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

SMALL, TIMES = 250, 4
MOST = 1.5 * TIMES
"""What is linear grows by `TIMES`, sorting by a little more; a scan of all rows for each row by its square."""


def work(done: Callable[[], object]) -> int:
    """Return how many calls of functions, and turns of generators, something takes."""
    counts: Counter[str] = Counter()

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        counts[event] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        done()
    finally:
        sys.setprofile(before)
    return counts["call"] + counts["c_call"]


def assert_linear(make: Callable[[int], Any], done: Callable[[Any], object]) -> None:
    """See that four times as much takes about four times the work."""
    few, many = make(SMALL), make(SMALL * TIMES)
    done(make(SMALL))  # what is imported and read once
    assert work(lambda: done(many)) < MOST * work(lambda: done(few))
