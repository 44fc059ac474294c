"""A store's database, opened by Chroma alone, and let go of when another process wrote to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from showcase.memory.store_errors import as_store_error, check_databases
from showcase.memory.store_files import DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    from showcase.settings.store_place import StorePlace


class ChromaClient:
    """Chroma's client of one store, made when it is first needed. Close it, or use it as a context.

    Args:
        place: Where the store lies; made where it is not there.
    """

    def __init__(self, place: StorePlace) -> None:
        self.place = place
        self._client: Any = None
        self._seen: int | None = None
        self._watch: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store; the next call opens it again."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        if self._client is not None:
            self._client.close()
            self._client = None

    def changed(self) -> bool:
        """Tell whether any connection, of this process or another, wrote since the store was opened here.

        An open client of Chroma misses the new rows of another process in a query and returns those that were deleted;
        SQLite counts the commits of others: https://www.sqlite.org/pragma.html#pragma_data_version
        """
        return self._seen is not None and self._version() != self._seen

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

    def drop(self, name: str) -> None:
        """Remove a collection with all its rows, where it is there."""
        from chromadb.errors import NotFoundError  # noqa: PLC0415 - heavy

        try:
            with self.translated(but=NotFoundError):
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

            check_databases(self.place.chroma, self.place.home)
            _make(self.place)
            self._client = PersistentClient(path=str(self.place.chroma), settings=Settings(anonymized_telemetry=False))
            self._seen = self._version()
        return self._client

    def _version(self) -> int | None:
        database = self.place.chroma / DATABASE
        if self._watch is None:
            if not database.is_file():
                return None
            self._watch = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
        with closing(self._watch.execute("PRAGMA data_version")) as answer:
            return int(answer.fetchone()[0])

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


def _make(place: StorePlace) -> None:
    """Make a store's directories, for their owner alone, where they are not there."""
    for directory in (place.root, place.chroma, place.home):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
