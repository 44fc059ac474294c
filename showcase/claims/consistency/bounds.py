"""What no machine can exceed, and the forms that values have."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from showcase.evidence import Run

MOST_PID = (1 << 32) - 1
"""Windows numbers processes with 32 bits; Linux ends at 2**22 (`PID_MAX_LIMIT`), macOS at 99,999."""

MOST_BYTES = 1 << 48
"""256 TiB, what x86-64 and arm64 address with four levels of page tables."""

MOST_TOKENS = 10**9
"""Of a context, a prompt or a reply: the largest contexts that are sold hold 10**7."""

MOST_A_SECOND = 10**8
"""Events of one kind: 10 ns each, less than any call into a kernel takes."""

MOST_S = 10 * 365 * 86400.0
"""Ten years, for the length of a log: its phases may lie days apart."""

EXIT_CODES = range(-64, 1 << 32)
"""A signal counts down, and Linux has 64 of them; Windows has 32 bits."""

PORTS = range(1 << 16)


def is_pid(number: int | None) -> bool:
    """Return whether a process may have this number; None is for one that nobody could tell."""
    return number is None or 0 < number <= MOST_PID


def is_exit_code(number: int | None) -> bool:
    """Return whether a process may end with this; None is for one that was never reaped."""
    return number is None or number in EXIT_CODES


def in_order(*moments: float) -> bool:
    """Return whether moments follow one another. Asked this way round, so that what is no number does not."""
    return all(earlier <= later for earlier, later in pairwise(moments))


def is_amount(seconds: float | None, most_s: float) -> bool:
    """Return whether this is a time that passed, at most `most_s`; None is for one that was not taken."""
    return seconds is None or 0.0 <= seconds <= most_s


def is_count(number: int, run: Run) -> bool:
    """Return whether so much of anything can have happened in a run of this length."""
    return math.isfinite(run.duration_s) and 0 <= number <= MOST_A_SECOND * (run.duration_s + 1)


def is_size(number: int | None, *, least: int = 0) -> bool:
    """Return whether a file or a memory may have so many bytes; None is for one that was not said."""
    return number is None or least <= number <= MOST_BYTES


def is_tokens(number: int | None, *, least: int = 0) -> bool:
    """Return whether a prompt, a reply or a context may have so many tokens; None is for one that was not said."""
    return number is None or least <= number <= MOST_TOKENS


def is_utc(stamp: str) -> bool:
    """Return whether this is a moment of the day in UTC, with its offset."""
    try:
        return datetime.fromisoformat(stamp).utcoffset() == timedelta(0)
    except ValueError:
        return False


def told(value: object) -> str:
    """Return a value as it is told to people, also one that is missing or no number."""
    if value is None:
        return "nothing"
    return "no number" if isinstance(value, float) and not math.isfinite(value) else str(value)


def twice(items: Iterable[Hashable]) -> Hashable | None:
    """Return an item that is there twice, None where each is there once."""
    seen: set[Hashable] = set()
    for item in items:
        if item in seen:
            return item
        seen.add(item)
    return None


def several_phases(run: Run) -> bool:
    """Return whether the log was put together from runs of single sessions.

    One that is played again takes the place of the earlier one, but what the witnesses saw and counted of that stays.
    """
    return len(run.phases) > 1
