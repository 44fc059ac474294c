"""The stores that are compared, behind one face."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from showcase.bench.scale.rows import DIMENSIONS
from showcase.memory import plain_chroma
from showcase.memory.collections import Collections
from showcase.memory.stored import Stored, now, to_metadata
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

Arm = Literal["shared", "per-user", "raw-chroma", "exact"]
ARMS: tuple[Arm, ...] = get_args(Arm)
SAID: dict[str, str] = {
    "shared": "our store in mem0's layout: one collection of Chroma for everybody, and a filter",
    "per-user": "our store with one collection of Chroma a user",
    "raw-chroma": "Chroma's own client, one collection, filtered by user",
    "exact": "numpy: the product with every vector of the user, from a file a user; no texts, no transactions",
}


class Store(Protocol):
    """What each arm can do."""

    def add(self, user_id: str, rows: Mapping[str, tuple[str, Sequence[float]]]) -> None:
        """Store rows of a user by their ids."""
        ...

    def search(self, user_id: str, vector: Sequence[float], at_most: int) -> tuple[str, ...]:
        """Return the ids of the nearest rows."""
        ...


def load(arm: Arm) -> None:
    """Import what an arm needs: no store takes part in what that costs."""
    if arm == "exact":
        import numpy as np  # noqa: F401, PLC0415 - heavy
    else:
        plain_chroma.load()


@contextmanager
def opened(arm: Arm, directory: Path) -> Iterator[Store]:
    """Open the store of an arm, made where it is not there.

    Raises:
        ValueError: There is no such arm.
    """
    if arm not in ARMS:
        raise ValueError(f"there is no arm {arm}")
    if arm == "exact":
        yield _Exact(directory)
    elif arm == "raw-chroma":
        with plain_chroma.PlainChroma(directory) as plain:
            yield plain
    else:
        with Collections(store_place(directory), arm) as rows:
            yield _Ours(rows)


class _Ours:
    def __init__(self, rows: Collections) -> None:
        self._rows = rows

    def add(self, user_id: str, rows: Mapping[str, tuple[str, Sequence[float]]]) -> None:
        at = now()
        stored = {
            memory_id: (
                to_metadata(Stored(memory_id=memory_id, text=text, user_id=user_id, created_at=at, updated_at=at)),
                vector,
            )
            for memory_id, (text, vector) in rows.items()
        }
        self._rows.put(user_id, stored)

    def search(self, user_id: str, vector: Sequence[float], at_most: int) -> tuple[str, ...]:
        return tuple(each.row.memory_id for each in self._rows.search(user_id, vector, at_most=at_most))


class _Exact:
    """A file of vectors and one of ids for each user, read when the user is first asked for."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read: dict[str, tuple[list[str], Any]] = {}

    def add(self, user_id: str, rows: Mapping[str, tuple[str, Sequence[float]]]) -> None:
        import numpy as np  # noqa: PLC0415 - heavy

        with (self._directory / f"{user_id}.vectors").open("ab") as file:
            file.write(np.asarray([vector for _, vector in rows.values()], dtype="<f4").tobytes())
        with (self._directory / f"{user_id}.ids").open("a", encoding="utf-8") as names:
            names.writelines(f"{each}\n" for each in rows)

    def search(self, user_id: str, vector: Sequence[float], at_most: int) -> tuple[str, ...]:
        import numpy as np  # noqa: PLC0415 - heavy

        if user_id not in self._read:
            ids = (self._directory / f"{user_id}.ids").read_text("utf-8").split()
            held = np.fromfile(self._directory / f"{user_id}.vectors", dtype="<f4").reshape(-1, DIMENSIONS)
            self._read[user_id] = ids, held
        ids, held = self._read[user_id]
        order = np.argsort(-(held @ np.asarray(vector, dtype="<f4")), kind="stable")
        return tuple(ids[each] for each in order[:at_most])
