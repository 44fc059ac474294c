"""What a claim does not cover, in short: what each witness cannot see is said once, with the witness."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from showcase.report.room import cut, fitting, width
from showcase.report.text import counted, listed

if TYPE_CHECKING:
    from showcase.evidence import Run, Verdict

_NAMED = 6


def own_limits(verdict: Verdict, run: Run) -> tuple[tuple[str, ...], str]:
    """Return the limits that are the claim's own, and a clause for those that are a witness's; it may be empty."""
    blind = {f"{report.name} does not see {spot}": report.name for report in run.witnesses for spot in report.unseen}
    counts = Counter(blind[limit] for limit in verdict.limits if limit in blind)
    names = [f"{cut(name, 24)} ({count})" for name, count in counts.most_common()]
    names = names if len(names) <= _NAMED else [*names[:_NAMED], f"{len(names) - _NAMED} more witnesses"]
    own = tuple(limit for limit in verdict.limits if limit not in blind)
    return own, f"what {listed(names)} cannot see" if names else ""


def in_short(verdict: Verdict, run: Run, room: float) -> str:
    """Return the limits of a claim in one sentence: those that fit whole, and how many others there are."""
    own, clause = own_limits(verdict, run)
    shown, left = fitting(own, room, width)
    more = [counted(left, "more" if shown else "limit", "more" if shown else "limits") + " below"] if left else []
    return "; ".join([*([clause] if clause else []), *(cut(limit, room) for limit in shown), *more]) or "none stated"
