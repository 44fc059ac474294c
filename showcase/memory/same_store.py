"""Whether a store is still the one that was looked at, and the lock by which that stays so while it is written to.

What is written by an old layout lies where nobody looks, and a vector of another model has nothing to do with others.
So each write takes the store's lock and looks first, and a conversion holds the same lock from its last look at the
rows until it is carried out. Stock mem0 and Chroma take no such lock: a conversion looks for who has the store open.
In the same place each write is noted in the log of operations, so that none is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from showcase.errors import StoreError
from showcase.memory import store_record
from showcase.memory.operations import recording
from showcase.settings import SESSION_TIMEOUT_S
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.memory.operations.line import Event
    from showcase.memory.operations.recording import Became
    from showcase.memory.store_record import Layout, StoreRecord
    from showcase.settings.store_place import StorePlace

AGAIN = "the same command again"

LOCK = "showcase-store.lock"
"""In mem0's directory of the store, so that it goes with it."""

SILENT_S = 2.0
"""A write takes milliseconds: whoever waits longer is told why."""

PATIENCE_S = SESSION_TIMEOUT_S
"""As long as an answer of a model may take: a turn of another chat is stored within it."""


Tell = Callable[[str], None]


class SameStore:
    """What a store has to be like for what is written to it.

    Args:
        place: Where it lies.
        layout: How whoever writes lays rows out.
        is_replaced: Tells whether the files that whoever writes has open are no longer the store's.
        there: Returns the ids of all rows, with which a log of operations begins.
    """

    def __init__(
        self,
        place: StorePlace,
        layout: Layout,
        *,
        is_replaced: Callable[[], bool] = lambda: False,
        there: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self.place = place
        self._is_replaced = is_replaced
        self._there = there
        self.layout: Layout = layout
        self.made_by: StoreRecord | None = None
        """Names the model of the vectors that are written; None where none are, or nobody knows."""
        self.tell: Tell = silent
        """Told where a write waits for another process."""

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
    def writing(self, event: Event, user_id: str, ids: Sequence[str] = ()) -> Iterator[Became]:
        """Let nobody convert the store while it is written to, and note what is done in the log of operations.

        Args:
            event: What is done.
            user_id: Whose memories.
            ids: Which, as far as that is known before.

        Yields:
            What is told what became of them, where it is something else.

        Raises:
            StoreError: It was converted since it was looked at, somebody holds the lock, or it cannot be noted, and
                nothing was written; or its end could not be noted.
        """
        with alone(self.place, tell=self.tell):
            record = self.check()
            if self._is_replaced():
                raise _converted(self.place, record)
            with recording.operation(self.place, event, user_id, ids, there=self._there) as became:
                yield became

    def reading(self, event: Event, user_id: str | None, ids: Sequence[str] = (), *, count: int | None = None) -> None:
        """Note that memories were read. Where that cannot be noted it is said: who may read files needs no program."""
        try:
            recording.reading(self.place, event, user_id, ids, count)
        except StoreError as error:
            self.tell(f"this reading is not noted: {error.message}")


def silent(_: str) -> None:
    """Tell nobody."""


@contextmanager
def alone(place: StorePlace, *, tell: Tell = silent, waits: bool = True) -> Iterator[bool]:
    """Hold a store's lock, and yield whether it is held; inside one that this process holds already, nothing more.

    The system lets go of it with the process, however that ends. A turn from which mem0 extracts holds it for as long
    as the model reads, which is minutes on a small machine.

    Args:
        place: The store.
        tell: Told where it is held by another process for longer than `SILENT_S`.
        waits: Whether to wait for another process; else it is not held where one holds it.

    Raises:
        StoreError: Another process held it for `PATIENCE_S`, or it cannot be made.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only for a write

    path = place.home / LOCK
    held = True
    try:
        place.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(path, mode=0o600, is_singleton=True)
        try:
            lock.acquire(timeout=min(SILENT_S, PATIENCE_S) if waits else 0)
        except Timeout:
            held = waits
            if waits:
                tell(f"another process writes to the store {place.named}: waiting for it, {PATIENCE_S:g} s at most")
                lock.acquire(timeout=PATIENCE_S)
    except Timeout as error:
        raise StoreError(
            f"another process has been writing to the store {place.named} for {PATIENCE_S:g} s",
            hint=f"see which: {here().who_has_open(path)}; then {AGAIN}",
        ) from error
    except OSError as error:
        raise StoreError(
            f"{path} cannot be made: {error.strerror or error}", hint=f"see who may: {here().who_may(place.home)}"
        ) from error
    if not held:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


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
    return StoreError(f"the store {place.named} was converted meanwhile: {now}", hint=AGAIN)
