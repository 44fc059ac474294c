"""A store's database, opened by Chroma alone, and let go of when another process wrote to it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from showcase.errors import StoreError
from showcase.memory.heap import fill_what_is_handed_out
from showcase.memory.store_errors import as_store_error, check_databases
from showcase.memory.store_files import DATABASE
from showcase.memory.store_watch import StoreWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import Self

    from showcase.settings.store_place import StorePlace

Answer = TypeVar("Answer")

_PIECE = 1000
"""Rows that are taken out at once, as `collections.PIECE` has it."""

_TRIES = 10
"""Of a question while others write: two that write as fast as they can met it once in ten turns."""


class ChromaClient:
    """Chroma's client of one store, made when it is first needed. Close it, or use it as a context.

    Args:
        place: Where the store lies; made where it is not there.
    """

    def __init__(self, place: StorePlace) -> None:
        self.place = place
        self._client: Any = None
        self._opened_as: tuple[int, int] | None = None
        self._watch = StoreWatch(place.chroma / DATABASE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store; the next call opens it again."""
        self._watch.close()
        if self._client is not None:
            self._client.close()
            self._client = None

    def changed(self) -> bool:
        """Tell whether anybody, this process or another, wrote since the store was opened here; see `StoreWatch`."""
        return self._client is not None and self._watch.changed()

    def is_replaced(self) -> bool:
        """Tell whether the database that is open here is no longer the store's: it was erased, or put aside."""
        return self._client is not None and _identity(self.place) != self._opened_as

    def refresh(self) -> None:
        """Open the store again where somebody wrote to it."""
        if self.changed():
            self.close()

    @property
    def is_there(self) -> bool:
        """Whether there is a database at all."""
        return (self.place.chroma / DATABASE).is_file()

    def names(self) -> dict[str, str]:
        """Return the names of all collections with their ids. Chroma lists them in no order, so by name."""
        if not self.is_there:
            return {}
        with self.translated():
            return {
                each.name: str(each.id) for each in sorted(self.opened().list_collections(), key=lambda it: it.name)
            }

    def marks(self) -> dict[str, dict[str, Any]]:
        """Return what lies beside each collection, by their names in order."""
        if not self.is_there:
            return {}
        with self.translated():
            listed = sorted(self.opened().list_collections(), key=lambda it: it.name)
            return {each.name: dict(each.metadata or {}) for each in listed}

    def drop(self, name: str) -> None:
        """Remove a collection with all its rows, where it is there: the rows first.

        With a collection alone, Chroma 1.5.9 leaves behind which lists lay beside its rows, and hands them out beside
        the next rows of whatever collection.
        """
        from chromadb.errors import NotFoundError  # noqa: PLC0415 - heavy

        try:
            with self.translated(but=NotFoundError):
                collection = self.opened().get_collection(name, embedding_function=None)
                while ids := collection.get(limit=_PIECE, include=[])["ids"]:
                    collection.delete(ids=ids)
                self.opened().delete_collection(name)
        except NotFoundError:
            pass

    def rename(self, name: str, to: str) -> None:
        """Give a collection another name."""
        with self.translated():
            self.opened().get_collection(name, embedding_function=None).modify(name=to)

    def opened(self) -> Any:  # noqa: ANN401 - Chroma's own class
        """Return Chroma's own client."""
        if self._client is None:
            from chromadb import PersistentClient  # noqa: PLC0415 - heavy
            from chromadb.config import Settings  # noqa: PLC0415 - heavy

            fill_what_is_handed_out()
            check_databases(self.place.chroma, self.place.home)
            _make(self.place)
            self._watch.begin()
            with nothing_half_made():
                self._client = PersistentClient(
                    path=str(self.place.chroma), settings=Settings(anonymized_telemetry=False)
                )
            self._opened_as = _identity(self.place)
        return self._client

    def in_peace(self, ask: Callable[[], Answer], *, close: Callable[[], None] | None = None) -> Answer:
        """Ask the store something that changes nothing; once more where another process wrote in the middle of it.

        Chroma takes the rows from the database and their places from an index of its own, and fails ("Error finding
        id") where one of the two is newer.

        Args:
            ask: What is asked.
            close: What lets go of the store where others have it open too; by itself, this client.

        Raises:
            StoreError: It cannot be used, and not because somebody wrote.
        """
        for number in range(_TRIES - 1):
            try:
                return ask()
            except StoreError:  # noqa: PERF203 - a handful of times
                if number and not self.changed():
                    raise
                (close or self.close)()
                forget_opened()
        return ask()

    @contextmanager
    def translated(self, *, but: type[Exception] | None = None) -> Iterator[None]:
        """Turn what Chroma raises into what a user is told; `but` passes as it is."""
        try:
            yield
        except Exception as error:
            if but is not None and isinstance(error, but):
                raise
            translated = as_store_error(error, self.place.chroma, None)
            if translated is None:
                raise
            raise translated from error


@contextmanager
def nothing_half_made() -> Iterator[None]:
    """Let a store whose opening fails be opened again by this process.

    Chroma 1.5 keeps what it opens by its path, and what it could not start (the disk was full) too: whoever comes next
    gets that, and an AttributeError.
    """
    try:
        yield
    except Exception:
        forget_opened()
        raise


def forget_opened() -> None:
    """Let Chroma forget what it holds open by its path: what is opened next is read from the disk."""
    from chromadb.api.shared_system_client import SharedSystemClient  # noqa: PLC0415 - heavy

    SharedSystemClient.clear_system_cache()


def _identity(place: StorePlace) -> tuple[int, int] | None:
    """Return which file the database is, None where there is none."""
    try:
        seen = (place.chroma / DATABASE).stat()
    except OSError:
        return None
    return seen.st_dev, seen.st_ino


def _make(place: StorePlace) -> None:
    """Make a store's directories, for their owner alone, where they are not there."""
    for directory in (place.root, place.chroma, place.home):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
