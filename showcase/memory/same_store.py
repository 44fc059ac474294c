"""Whether a store is still the one that was looked at: a conversion may come between a look and a write.

What is written by an old layout lies where nobody looks, and a vector of another model has nothing to do with the rest.
So each write looks before, and once more after: what came between the two may be lost, and that is said.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from showcase.errors import StoreError
from showcase.memory import store_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.memory.store_record import Layout, StoreRecord
    from showcase.settings.store_place import StorePlace

AGAIN = "the same command again"


class SameStore:
    """What a store has to be like for what is written to it.

    Args:
        place: Where it lies.
        layout: How whoever writes lays rows out.
    """

    def __init__(self, place: StorePlace, layout: Layout) -> None:
        self.place = place
        self.layout: Layout = layout
        self.made_by: StoreRecord | None = None
        """Names the model of the vectors that are written; None where none are, or nobody knows."""

    def check(self) -> StoreRecord | None:
        """Return what the store says of itself now.

        Raises:
            StoreError: It has another layout or model by now, or is being converted.
        """
        record = store_record.read(self.place)
        if record is not None and (
            record.layout != self.layout or (self.made_by is not None and not store_record.agree(self.made_by, record))
        ):
            raise _converted(self.place, record)
        return record

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold a write against what the store is before it and after it.

        Raises:
            StoreError: It was another one before, and nothing was written; or it became one meanwhile.
        """
        before = self.check()
        try:
            yield
        except Exception as error:
            if self._became_another(before):
                raise self._lost() from error
            raise
        if self._became_another(before):
            raise self._lost()

    def _became_another(self, before: StoreRecord | None) -> bool:
        try:
            after = self.check()
        except StoreError:
            return True
        return before is not None and (after is None or not store_record.agree(before, after))

    def _lost(self) -> StoreError:
        return StoreError(
            f"the store {self.place.root} was converted while this was written: what was written may not be in it",
            hint=AGAIN,
        )


def again(place: StorePlace, record: StoreRecord | None, layout: Layout) -> StoreRecord | None:
    """Look again at what a store says of itself, and return it.

    Args:
        place: Where it lies.
        record: What it said before.
        layout: What it was taken to have.

    Raises:
        StoreError: It was converted since, or begun in another layout, or is being converted.
    """
    there = store_record.read(place)
    if there is None and record is None:
        return None
    if there is None or there.layout != layout or (record is not None and not store_record.agree(record, there)):
        raise _converted(place, there)
    return there


def _converted(place: StorePlace, record: StoreRecord | None) -> StoreError:
    now = "it no longer says what it is" if record is None else f"now {record.layout}, vectors of {record.embed_model}"
    return StoreError(f"the store {place.root} was converted meanwhile: {now}", hint=AGAIN)
