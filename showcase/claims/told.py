"""Which rows of the connections table people are told: all, but a number beside the connection that went there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.numbers import number_of
from showcase.claims.policy import dispositions
from showcase.evidence.addresses import destination

if TYPE_CHECKING:
    from showcase.claims.policy import Disposition
    from showcase.evidence import Attempt, Run


def told(run: Run) -> list[tuple[Attempt, Disposition]]:
    """Return the rows with how they count, in their order.

    A number that was given in place of a name is left out where its own process went to that address, whose row tells
    all of it; where nobody went there, and where a name may have been asked for, it is told.
    """
    went = {
        (row.pid, place)
        for row in run.connections
        if row.kind in ("connect", "send") and (place := destination(row.address or "")) is not None
    }
    return [
        (row, how)
        for row, how in zip(run.connections, dispositions(run), strict=True)
        if how.kind not in ("local", "allowed")
        or (number := number_of(row)) is None
        or (row.pid, destination(str(number))) not in went
    ]
