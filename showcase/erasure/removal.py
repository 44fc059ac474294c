"""What is forgotten is left out: what stays is copied into fresh files, which take the place of the old ones."""

from __future__ import annotations

import gc
import shutil
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.erasure import gathering, typed
from showcase.erasure.patterns import patterns
from showcase.memory import rebuilding, replacement
from showcase.memory.history_copy import copy_tables
from showcase.memory.left_on_disk import typed_lines
from showcase.memory.operations import names
from showcase.memory.replacement import NEW, Entry, Replacement
from showcase.memory.store_errors import as_store_error
from showcase.memory.store_files import HISTORY
from showcase.settings.store_place import StorePlace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.erasure.gathering import Gathered
    from showcase.erasure.places import Listing
    from showcase.evidence.erasure import Scan


from showcase.erasure.kinds import OF_RUNS
from showcase.erasure.order import Order, Removed


def rebuilt(order: Order, gathered: Gathered, listing: Listing, before: Scan) -> Removed:
    """Copy what stays into fresh files and put them in the place of the old ones, which are written over.

    Raises:
        StoreError: It cannot be copied whole, or there is no room; the store is as it was.
    """
    order.begins("copy")
    place = order.kept.place
    rebuilding.check_copyable(place)
    shop = replacement.workshop(place)
    replacement.abandon(place)
    decided = False
    try:
        (shop / NEW).mkdir(mode=0o700, parents=True)
        fresh = StorePlace(root=shop / NEW, chroma=shop / NEW / "chroma", home=shop / NEW / "home")
        copied = rebuilding.rebuild(
            place,
            fresh,
            gathered.going,
            total=gathered.stay,
            progress=lambda done, total: order.progress("copied", done, total),
        )
        order.begins("overwrite")
        entries = list(_of_chroma(place, fresh))
        gone, history = _history(place, gathered, entries)
        lines = _typed(place, order, gathered, entries)
        _names(place, gathered, entries)
        if order.records:
            holding = {each.path for each in before.residues if each.kind in OF_RUNS}
            entries += [replacement.entry(place, each.path, None) for each in listing.files if each.shown in holding]
        gc.collect()  # what mem0 left to it has the old files open
        decided = True
        cleared = replacement.decide(place, Replacement(layout=order.kept.layout, entries=tuple(entries)))
    except (OSError, sqlite3.Error) as error:
        translated = as_store_error(error, place.chroma, place.home)
        if translated is None:
            raise
        raise translated from error
    finally:
        # What was decided is brought to its end by whoever comes next; what was not was never there.
        if not decided or replacement.decided(place) is None:
            replacement.abandon(place)
    return Removed(
        rows=gathered.found,
        events=gone.get("history", 0),
        messages=gone.get("messages", 0),
        lines=lines,
        cleared=cleared,
        stays=copied.digest,
        history=history,
    )


def _of_chroma(place: StorePlace, fresh: StorePlace) -> Iterator[Entry]:
    """Yield what becomes of each of Chroma's files and indexes."""
    old = rebuilding.own_files(place)
    new = {path.name: path for path in sorted(fresh.chroma.iterdir())}
    for path in old:
        coming = new.pop(path.name, None)
        if coming is not None:
            with suppress(OSError):
                shutil.copymode(path, coming)
        yield replacement.entry(place, path, coming)
    for name, path in new.items():
        yield replacement.entry(place, place.chroma / name, path)


def _history(place: StorePlace, gathered: Gathered, entries: list[Entry]) -> tuple[dict[str, int], str]:
    """Copy what stays of mem0's own database; return how many rows of each table go, and a digest of the others."""
    gone: dict[str, int] = {}
    digest = ""
    new = replacement.workshop(place) / NEW
    for path in rebuilding.history_files(place):
        coming = None
        if path.name == HISTORY:
            coming = new / path.name
            gone, digest = copy_tables(path, coming, lambda table, row: not gathering.goes(gathered, table, row))
            shutil.copymode(path, coming)
        entries.append(replacement.entry(place, path, coming))
    return gone, digest


def _typed(place: StorePlace, order: Order, gathered: Gathered, entries: list[Entry]) -> int:
    """Leave out what the user typed in chats of what is forgotten; return how many entries that were."""
    path = typed_lines(place, order.user_id)
    if not path.is_file() or path.is_symlink():
        return 0
    data = path.read_bytes()
    stays, gone = (
        (b"", data.count(b"\n#")) if order.everything else typed.without(data, gathered.subject.texts, _words(gathered))
    )
    if order.everything:
        entries.append(replacement.entry(place, path, None))
    elif gone:
        coming = replacement.workshop(place) / NEW / "typed"
        coming.write_bytes(stays)
        coming.chmod(0o600)
        entries.append(replacement.entry(place, path, coming))
    return gone


def _names(place: StorePlace, gathered: Gathered, entries: list[Entry]) -> None:
    """Give the log of operations a new key, by which it tells of what stays alone; no line of it changes."""
    known = names.read(place)
    if known is None:
        return
    memories, users = gathered.known
    coming = replacement.workshop(place) / NEW / "names"
    coming.write_bytes(names.dump(known.renewed(users, memories)))
    coming.chmod(0o600)
    entries.append(replacement.entry(place, names.path_of(place), coming))


def _words(gathered: Gathered) -> set[str]:
    """Return the words of what goes that nothing which stays holds."""
    return {each.data.decode() for each in patterns(gathered.subject).folded if each.form == "word"}
