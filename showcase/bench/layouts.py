"""What a query of one user costs among the rows of others, by how a store is laid out."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.documents.leftovers import temporary
from showcase.evidence.fact import Fact
from showcase.memory.collections import Collections
from showcase.memory.store_record import Layout
from showcase.memory.stored import Stored, now, to_metadata
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy as np


LAYOUTS: tuple[Layout, ...] = ("shared", "per-user")
DIMENSIONS = 384
"""Of all-minilm, and of many small embedding models."""

OWN = 50
A_USER = 1000
_PIECE = 1000
_SEED = 20261127


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutCost(Fact):
    """The median of one query's time, in milliseconds, with the least and the most.

    Attributes:
        layout: How the store was laid out.
        foreign: Rows of other users.
        own: Rows of the user who asked.
        queries: How many were timed.
        fill_s: How long storing all rows took.
        median_ms: The median.
        least_ms: The least.
        most_ms: The most.
    """

    layout: Layout
    foreign: int
    own: int
    queries: int
    fill_s: float
    median_ms: float
    least_ms: float
    most_ms: float


def measure(
    foreign: Sequence[int], *, queries: int, on_progress: Callable[[Layout, int, int], None]
) -> list[LayoutCost]:
    """Return the cost of a query for each layout and number of foreign rows.

    Each store is made, the queries of all stores are then timed in turn, so that what else the machine does falls on
    all alike.

    Args:
        foreign: Numbers of rows of others.
        queries: How many queries are timed in each store.
        on_progress: Told layout, rows stored so far, and how many there will be.
    """
    import numpy as np  # noqa: PLC0415 - heavy

    numbers = np.random.default_rng(_SEED)
    with temporary("showcase-bench-") as directory:
        stores = {}
        for layout in LAYOUTS:
            for count in foreign:
                began = time.monotonic()
                rows = _filled(directory / f"{layout}-{count}", layout, count, numbers, on_progress)
                stores[layout, count] = (rows, time.monotonic() - began)
        times: dict[tuple[Layout, int], list[float]] = {key: [] for key in stores}
        for question in _vectors(numbers, queries + 1):
            for key, (rows, _) in stores.items():
                began = time.monotonic()
                rows.search("me", question, at_most=5)
                times[key].append((time.monotonic() - began) * 1000)
        for rows, _ in stores.values():
            rows.close()
        return [
            LayoutCost(
                layout=layout,
                foreign=count,
                own=OWN,
                queries=queries,
                fill_s=round(stores[layout, count][1], 1),
                median_ms=round(statistics.median(taken[1:]), 2),  # the first opens what is opened once
                least_ms=round(min(taken[1:]), 2),
                most_ms=round(max(taken[1:]), 2),
            )
            for (layout, count), taken in times.items()
        ]


def _filled(
    place: Path,
    layout: Layout,
    foreign: int,
    numbers: np.random.Generator,
    on_progress: Callable[[Layout, int, int], None],
) -> Collections:
    rows = Collections(store_place(place), layout)
    done = 0
    for user_id, count in (("me", OWN), *_others(foreign)):
        for begin in range(0, count, _PIECE):
            piece = _vectors(numbers, min(_PIECE, count - begin))
            at = now()
            stored = {
                f"{user_id}-{begin + number}": (
                    to_metadata(
                        Stored(
                            memory_id=f"{user_id}-{begin + number}",
                            text=f"row {begin + number} of {user_id}",
                            user_id=user_id,
                            created_at=at,
                            updated_at=at,
                        )
                    ),
                    vector,
                )
                for number, vector in enumerate(piece)
            }
            rows.put(user_id, stored)
            done += len(stored)
            on_progress(layout, done, OWN + foreign)
    return rows


def _others(foreign: int) -> Iterator[tuple[str, int]]:
    """Yield the other users, each with as many rows as a user has at most here."""
    for number in range(0, foreign, A_USER):
        yield f"user-{number // A_USER}", min(A_USER, foreign - number)


def _vectors(numbers: np.random.Generator, count: int) -> list[list[float]]:
    """Return vectors of unit length in random directions."""
    import numpy as np  # noqa: PLC0415 - heavy

    found = numbers.standard_normal((count, DIMENSIONS))
    vectors: list[list[float]] = (found / np.linalg.norm(found, axis=1, keepdims=True)).tolist()
    return vectors
