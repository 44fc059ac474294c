"""How long each part of our erasing takes, as a store grows of which a tenth goes."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from showcase.bench.erasure import stores, tools
from showcase.erasure import erasing, gathering, places, reader
from showcase.erasure.controls import controls
from showcase.erasure.erasing import Order
from showcase.erasure.patterns import patterns
from showcase.erasure.scanning import scan
from showcase.evidence.fact import Fact
from showcase.memory.chroma_client import forget_opened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from showcase.evidence import Model

Part = Literal["gather", "controls", "scan", "copy", "overwrite", "verify"]
PARTS: tuple[Part, ...] = ("gather", "controls", "scan", "copy", "overwrite", "verify")
"""`scan` is one look of the process that erases, and so are its `controls`: it looks before and after. `copy` ends with
the last row that stays, `overwrite` is what comes behind: the history's copy, the switch, and zeros down to the disk.
`verify` is all that the other process does, from its start on."""

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


@dataclass
class _Watch:
    """Adds up the time of parts, each from the end of the one before."""

    seconds: dict[Part, float] = field(default_factory=dict)
    since: float = field(default_factory=time.monotonic)

    def took(self, part: Part, until: float | None = None) -> None:
        end = time.monotonic() if until is None else until
        self.seconds[part] = self.seconds.get(part, 0.0) + end - self.since
        self.since = end


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
    """Take the steps of `erasing.erase`, with a look at the clock after each."""
    place, ids = made.kept.place, made.ids[: max(1, count // SHARE)]
    copied = 0.0

    def progress(doing: str, _done: int, _total: int) -> None:
        nonlocal copied
        if doing == "copied":
            copied = time.monotonic()

    order = Order(
        kept=made.kept, user_id=stores.WHO, ids=ids, everything=False, key=secrets.token_bytes(32), progress=progress
    )
    watch = _Watch()
    gathered = gathering.gather(place, stores.WHO, ids, everything=False)
    watch.took("gather")
    wanted, listing = patterns(gathered.subject), places.listing(place)
    canaries = controls(listing.files)
    watch.took("controls")
    before = scan(wanted, listing.files, canaries=canaries, missed=listing.missed)
    watch.took("scan")
    erasing.rebuilt(order, gathered, listing, before)
    watch.took("copy", until=copied or None)
    watch.took("overwrite")
    verified = reader.in_another_process(place, gathered.subject, gathered.going, ())
    watch.took("verify")
    forget_opened()
    after = scan(wanted, places.listing(place).files, canaries=canaries, missed=())
    return Scale(
        rows=count,
        forgotten=len(ids),
        patterns=sum(wanted.counts().values()),
        store_bytes=sum(each.size_bytes for each in before.files),
        seconds={part: round(watch.seconds[part], 3) for part in PARTS},
        left=len(verified.scan.residues) + len(after.residues),
    )
