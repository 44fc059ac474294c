"""Whether there is a store where one was named, and in which of its files the bytes of a deleted memory stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.documents.file_names import why_unfit
from showcase.errors import UsageError
from showcase.memory.store_files import DATABASE, HISTORY
from showcase.settings import RUN_LOG
from showcase.settings.store_address import OF_A_RUN
from showcase.settings.store_place import store_place
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.memory.backends.opening import Kept
    from showcase.settings.store_place import StorePlace

_MOST_LOOKED_AT = 100

_LONGEST_BELOW = len("/mem0_chroma/00000000-0000-0000-0000-000000000000/index_metadata.pickle")


def check_there(kept: Kept) -> None:
    """Refuse a place in which there is no store.

    Raises:
        UsageError: There is none; one that lies in it is named.
    """
    place = kept.place
    if place.address is not None:
        with kept.rows() as rows:
            if not rows.holds(""):
                collection = place.address.collection
                raise UsageError(
                    f"the store {place.named} has no collection {collection}: nothing was remembered there",
                    hint=f"begin it: showcase memories add --store {quoted(place.named)} --user-id USER TEXT",
                )
        return
    if (place.chroma / DATABASE).exists() or (place.chroma / DATABASE).is_symlink():
        return
    what = "is no store" if place.root.exists() else "is not there"
    below = _below(place.root)
    if below is not None:
        raise UsageError(f"{place.root} {what}", hint=f"there is one in it: --store {quoted(below)}")
    if (place.root / RUN_LOG).is_file():
        raise UsageError(
            f"{place.root} {what}: the run whose log lies in it kept no memories there",
            hint="a run with --store keeps them in the store that it was given: name that one, and of a server the "
            f"run's collection: --store 'postgresql://USER@HOST/DATABASE?collection={OF_A_RUN}'",
        )
    raise UsageError(
        f"{place.root} {what}: it holds no {DATABASE}, neither itself nor in {place.chroma.name}",
        hint="name the output directory of a run, or begin a store: showcase memories add --store "
        f"{quoted(place.named)} --user-id USER TEXT",
    )


def check_begins(place: StorePlace) -> None:
    """Refuse to begin a store among files that are somebody else's, or by a name that this system makes nothing of.

    Raises:
        UsageError: The directory holds others and no store, or cannot be made.
    """
    why = why_unfit(place.root, below=_LONGEST_BELOW)
    if why is not None and not place.root.is_dir():
        raise UsageError(f"{place.root} can be no store: {why}", hint="name another directory: --store DIR")
    if not place.root.is_dir() or place.chroma.exists() or place.home.exists():
        return
    if any(place.root.iterdir()):
        raise UsageError(
            f"{place.root} is no store, and holds other files, among which none is begun",
            hint=f"name a directory of its own: --store {quoted(place.root / 'memories')}",
        )


def remains(place: StorePlace) -> tuple[Path, ...]:
    """Return the files that keep bytes of what was deleted, until something else is written over them.

    SQLite leaves the content of a deleted row in its file (https://www.sqlite.org/pragma.html#pragma_secure_delete),
    hnswlib marks a vector as deleted and keeps it, and mem0's history repeats the text.
    """
    database = place.chroma / DATABASE
    logs = (database.with_name(f"{DATABASE}-wal"), database.with_name(f"{DATABASE}-journal"))
    vectors = sorted(place.chroma.glob("*/data_level0.bin"))
    return tuple(path for path in (database, *logs, *vectors, place.home / HISTORY) if path.is_file())


def _below(root: Path) -> Path | None:
    """Return a store that lies directly in a directory."""
    try:
        entries = sorted(root.iterdir())[:_MOST_LOOKED_AT]
    except OSError:
        return None
    return next((each for each in entries if (store_place(each).chroma / DATABASE).is_file()), None)
