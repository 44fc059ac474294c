"""Turns that write nothing: played on a copy of the store, and proved by the digest of the store itself.

Chroma writes into a store that is only searched: a row of its own (`acquire_write`), and the unused part of its index,
where bytes of this process's memory end up. So the store is copied as it is, the copy is opened, and every file of the
store is held against its digest.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.documents.leftovers import temporary
from showcase.errors import StoreError, UsageError
from showcase.memory.store_files import reading
from showcase.memory.store_state import holders, look
from showcase.settings.store_place import store_place
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.settings.store_place import StorePlace

_LEFT_OUT = ("-journal", "-wal", "-shm", ".history")
"""What SQLite has in work, which its own copying reads; and what was typed, which no turn needs."""

_SHORT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """SHA-256 of every file of a store, by its path, and of all of them."""

    whole: str
    files: Mapping[str, str]


def digest(place: StorePlace) -> Digest:
    """Return the digest of all that lies in a store: rows, indexes, mem0's history, the history of lines.

    Raises:
        StoreError: A file of it cannot be read, so that nothing can be told of it.
    """
    files: dict[str, str] = {}
    for part in dict.fromkeys((place.chroma, place.home)):
        state = look(part)
        if state is None and part.is_dir():
            raise StoreError(
                f"a file below {part} cannot be read, or went meanwhile: whether anything was written cannot be told",
                hint="end what else works on this store, then /incognito again",
            )
        files |= {f"{part.name}/{file.path}": file.sha256 for file in (state.files if state else ())}
    whole = hashlib.sha256("".join(f"{name}\0{files[name]}\n" for name in sorted(files)).encode()).hexdigest()
    return Digest(whole=whole, files=files)


def check_copyable(place: StorePlace) -> None:
    """Refuse a store that is no directory of this machine: nobody proves by files that a server was left as it is.

    Raises:
        UsageError: It has a URL.
    """
    if place.address is not None:
        raise UsageError(
            f"incognito turns are played on a copy of the store's files, and those of {place.address} are its engine's",
            hint="one turn that stores nothing: showcase ask --no-save --store "
            f"{quoted(place.address)} --user-id USER TEXT",
        )


class Copy:
    """A copy of a store, taken away when it is closed.

    Args:
        place: The store.
    """

    def __init__(self, place: StorePlace) -> None:
        self._place = place
        self._places = ExitStack()
        self.place = place
        self.taken = digest(place)
        self.take()

    def take(self) -> None:
        """Copy the store as it is now.

        Raises:
            StoreError: There is no room for it, or it cannot be read.
        """
        self.close()
        try:
            root = self._places.enter_context(temporary("showcase-incognito-"))
            self.taken = digest(self._place)
            self.place = store_place(root)
            for source, to in ((self._place.chroma, self.place.chroma), (self._place.home, self.place.home)):
                _copied(source, to)
        except (OSError, sqlite3.Error) as error:
            self.close()
            raise StoreError(
                f"the store cannot be copied, and incognito turns are played on a copy: {error}",
                hint="make room where temporary files are kept, or end what holds the store",
            ) from error

    def close(self) -> None:
        """Remove it."""
        self._places.close()


def compared(place: StorePlace, before: Digest) -> tuple[bool, str]:
    """Return whether a store is as it was, and that in words.

    Raises:
        StoreError: It cannot be read.
    """
    after = digest(place)
    if after.whole == before.whole:
        return True, f"Store unchanged: sha256 {after.whole[:_SHORT]}… before and after."
    changed = sorted(
        name for name in after.files.keys() | before.files.keys() if after.files.get(name) != before.files.get(name)
    )
    others = ", ".join(f"{name} (pid {pid})" for pid, name in holders(place.root)) or "none that this user may see"
    return False, (
        f"The store CHANGED: sha256 {before.whole[:_SHORT]}… before, {after.whole[:_SHORT]}… after, in "
        f"{', '.join(changed)}. This chat had no file of it open; who wrote cannot be told from here, so that nothing "
        f"is proved of this turn (inconclusive). Other processes that have it open now: {others}."
    )


def _copied(source: Path, to: Path) -> None:
    """Copy a directory: databases as their last whole state, the rest byte for byte."""
    if not source.is_dir():
        return
    to.mkdir(mode=0o700, parents=True)
    for path in sorted(source.rglob("*")):
        target = to / path.relative_to(source)
        if path.is_dir():
            target.mkdir(mode=0o700, exist_ok=True)
        elif path.is_file() and not path.name.endswith(_LEFT_OUT):
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.suffix in (".sqlite3", ".db"):
                with reading(path) as found, closing(sqlite3.connect(target)) as copy:
                    found.backup(copy)
            else:
                shutil.copyfile(path, target)
