"""How long each part of our erasing takes, as a store grows of which a tenth goes."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from showcase.bench.erasure import stores, tools
from showcase.erasure import erasing
from showcase.erasure.order import Order, Part
from showcase.evidence.fact import Fact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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
    """

    rows: int
    forgotten: int
    patterns: int
    store_bytes: int
    seconds: dict[Part, float]
    left: int


def measure(
    directory: Path, rows: Sequence[int], model: Model, *, on_progress: Callable[[str, int], None]
) -> list[Scale]:
    """Return what each part takes in a store of each size, one store after the other.

    Args:
        directory: Where the stores are made; empty.
        rows: How many rows the stores have.
        model: Of whose dimensions the vectors are.
        on_progress: Told what goes on and the number of rows.
    """
    found: list[Scale] = []
    with stores.own_temporary(directory / "temporary"):
        for count in rows:
            on_progress("a store", count)
            root = directory / str(count)
            made = stores.make(root, count, model)
            on_progress("erasing", count)
            found.append(_erased(made, count))
            tools.remove(root)
    return found


def _erased(made: stores.Made, count: int) -> Scale:
    """Erase, with a look at the clock where a part begins."""
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
    )
