"""What was seen, in one sentence of the finding: how much, and how it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.store_server import away, on_the_way
from showcase.claims.told import told
from showcase.report.network_view import DESERVE_A_LOOK, kinds_and_times
from showcase.report.text import clipped, counted
from showcase.report.tried import held

if TYPE_CHECKING:
    from showcase.evidence import Run


def seen(run: Run) -> str:
    """Return the sentence; where it ends with a colon, what deserves a look is to follow."""
    if not any(witness.active for witness in run.witnesses):
        return "No witness looked, so nothing can be said about connections."
    if not run.connections:
        return "No attempt to reach anybody was seen."
    judged = told(run)
    rows = f"{kinds_and_times([row for row, _ in judged])}, told apart by address, name and process"
    refused = [row for row, how in judged if how.kind == "finding"]
    unknown = sum(how.kind in DESERVE_A_LOOK for _, how in judged) - len(refused)
    if not refused and not unknown:
        times = sum(row.count for row, how in judged if how.kind == "allowed")
        allowed = f" is allowed ({counted(times, 'time')}), or" if times else ""
        store = away(run)
        if store is not None:
            return (
                f"{rows}; each of them{allowed} stayed on this machine. Allowed is the store at "
                f"{clipped(store.where, 60)}, beyond it, {on_the_way(store)}."
            )
        return f"{rows}; each of them{allowed} stayed on this machine."
    parts = [_refused(run, len(refused))] if refused else []
    if unknown:
        parts.append(f"{unknown:,} {'is' if unknown == 1 else 'are'} not known to have stayed inside")
    return f"{rows}; {'; '.join(parts)}:"


def _refused(run: Run, number: int) -> str:
    """Return how many kinds of attempt no rule allows, and how many of those a seal held back."""
    words = f"{number:,} {'is' if number == 1 else 'are'} not allowed"
    inside = len(held(run))
    if not inside:
        return words
    whom = f"{inside:,} of them" if inside < number else {1: "it", 2: "both"}.get(number, "all of them")
    return f"{words}; the seal held {whom} back"
