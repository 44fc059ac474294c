"""How long each part of our erasing takes, as a store grows of which a tenth goes."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from showcase.bench.erasure import stores, tools
from showcase.erasure import erasing, verdict
from showcase.erasure.order import Order, Part
from showcase.evidence.fact import Fact, Status

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.evidence import Model

PARTS: tuple[Part, ...] = get_args(Part)

SHARE = 10
"""One row in so many goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale(Fact):
    """What erasing a tenth of a store took.

    Attributes:
        rows: How many rows the store had, of two users.
        forgotten: How many of one of them went.
        patterns: How many byte patterns were looked for.
        store_bytes: Length of the files that were looked through before.
        seconds: Of each part.
        left: How many residues both looks found afterwards: 0, or it is no erasing that was measured.
        certified: What our erasing says of itself; where it is inconclusive, nothing found is nothing seen.
    """

    rows: int
    forgotten: int
    patterns: int
    store_bytes: int
    seconds: dict[Part, float]
    left: int
    certified: Status


def erased(directory: Path, count: int, model: Model) -> Scale:
    """Make a store, erase a tenth of it with a look at the clock where a part begins, and take it away.

    Args:
        directory: Where it is made; nothing is there.
        count: How many rows it has.
        model: Of whose dimensions the vectors are.
    """
    try:
        return _erased(stores.make(directory, count, model), count)
    finally:
        tools.remove(directory)


def _erased(made: stores.Made, count: int) -> Scale:
    began: list[tuple[Part, float]] = []
    order = Order(
        kept=made.kept,
        user_id=stores.WHO,
        ids=made.ids[: max(1, count // SHARE)],
        everything=False,
        key=secrets.token_bytes(32),
        begins=lambda part: began.append((part, time.monotonic())),
    )
    done = erasing.erase(order)
    ends = [*(moment for _, moment in began[1:]), time.monotonic()]
    seconds: dict[Part, float] = dict.fromkeys(PARTS, 0.0)
    for (part, moment), end in zip(began, ends, strict=True):
        seconds[part] += end - moment
    scans = [scan for scan in (done.before, done.after, done.verified) if scan is not None]
    return Scale(
        rows=count,
        forgotten=len(order.ids),
        patterns=sum(scans[0].patterns.values()),
        store_bytes=sum(each.size_bytes for each in scans[0].files),
        seconds={part: round(took, 3) for part, took in seconds.items()},
        left=sum(len(scan.residues) for scan in scans[1:]),
        certified=verdict.judge(done).status,
    )
