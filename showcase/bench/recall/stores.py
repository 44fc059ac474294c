"""The arms of a memory backend: the rows stored as a chat stores them, the questions asked as a chat asks them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from showcase.bench.recall.arms import Ranking
from showcase.bench.recall.asked import AT_MOST
from showcase.errors import UsageError
from showcase.evidence import Message
from showcase.memory.layouts import collection_name
from showcase.memory.stock_mem0 import mem0_opened
from showcase.memory.user_ids import check_user_id
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from showcase.bench.recall.asked import Asked, RecallSet
    from showcase.engines.everyday import Opened
    from showcase.memory.backends.interface import Backend, BackendName
    from showcase.memory.store_record import Layout

EVERYBODY = "*"
"""What mem0's Chroma adapter reads as no filter at all."""

_BACKENDS: dict[str, tuple[BackendName, Layout]] = {
    "mem0-shared": ("mem0", "shared"),
    "mem0-per-user": ("mem0", "per-user"),
    "chroma-shared": ("chroma", "shared"),
    "chroma-per-user": ("chroma", "per-user"),
}
STORES = tuple(_BACKENDS)


class Store:
    """A backend that holds the rows of a set.

    Args:
        some: The set.
        backend: Opened, with nothing in it.
        doing: Is told how many rows are stored.
    """

    def __init__(self, some: RecallSet, backend: Backend, doing: Callable[[str], None]) -> None:
        self._some = some
        self._backend = backend
        # The ids are the backend's own. A text is there once a user, so it leads to its row.
        self._number = {(each.user, each.text): number for number, each in enumerate(some.told)}
        for number, each in enumerate(some.told):
            backend.add(each.user, [Message(role="user", content=each.text)], source="typed")
            if number % 25 == 0:
                doing(f"{number} of {len(some.told)} rows stored")

    def rank(self, asked: Asked) -> Ranking:
        """See `Ranks`. A row of another user is one too: it is counted, not left out."""
        found = self._backend.search(asked.user, asked.text, at_most=AT_MOST)
        rows = tuple(self._number[str(each.row.user_id), each.row.text] for each in found)
        # mem0 ranks by a score of its own; the nearest row is what a threshold is held against.
        return Ranking(rows=rows, best=max((each.cosine for each in found), default=None))


@contextmanager
def stored(
    name: str, some: RecallSet, server: Opened, place: Path, *, limit_s: float, doing: Callable[[str], None]
) -> Iterator[Store]:
    """Make a store of an arm, and let go of it."""
    from showcase.memory.backends import opening  # noqa: PLC0415 - heavy

    backend, layout = _BACKENDS[name]
    kept = opening.look(store_place(place), layout)
    with opening.opened(kept, server, name=backend, limit_s=limit_s) as opened:
        yield Store(some, opened, doing)


def refuses_everybody() -> bool:
    """Return whether our gate refuses the user id `*`, before a backend sees it."""
    try:
        check_user_id(EVERYBODY)
    except UsageError:
        return True
    return False


def seen_by_everybody(name: str, some: RecallSet, server: Opened, place: Path, *, limit_s: float) -> int:
    """Return how many rows a search with the user id `*` gives, past our gate, as a program without one would ask it.

    Stock mem0 is asked by itself, and so is Chroma by its collections.
    """
    from showcase.memory.backends import opening  # noqa: PLC0415 - heavy

    backend, layout = _BACKENDS[name]
    where = store_place(place)
    question = some.asked[0].text
    if backend == "chroma":
        with opening.opened(opening.look(where, layout), server, name=backend, limit_s=limit_s, writes=False) as opened:
            return len(opened.search(EVERYBODY, question, at_most=AT_MOST))
    with mem0_opened(where, server, collection=collection_name(layout, EVERYBODY), limit_s=limit_s) as memory:
        found = memory.search(question, filters={"user_id": EVERYBODY}, top_k=AT_MOST)
        return len(found["results"])
