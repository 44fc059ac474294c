"""Stored verdicts held against those that follow: a log of an older version was judged by the rules of then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.evidence import LEVELS

if TYPE_CHECKING:
    from showcase.evidence import Run, Verdict


def says(run: Run, stored: Verdict | None, found: Verdict | None) -> bool:
    """Return whether a stored verdict is the one that follows; of an older log its words may be others."""
    if stored is None or found is None or run.written_as is None:
        return stored == found
    return (stored.status, stored.level) == (found.status, found.level)


def is_less(run: Run, found: Verdict | None, stored: Verdict | None) -> bool:
    """Return whether less follows from an older log by the rules of now than was stored in it, which is no fault of it.

    What was upheld, or not asked, cannot be told any more; or what tells it is weaker evidence than was thought.
    """
    if run.written_as is None or found is None:
        return False
    if found.status == "inconclusive":
        return stored is None or stored.status == "upheld"
    if stored is None or stored.status != found.status or stored.level is None or found.level is None:
        return False
    return LEVELS.index(found.level) > LEVELS.index(stored.level)
