"""Forgets memories: looks, copies what stays into fresh files, overwrites the old ones, and looks again, twice."""

from __future__ import annotations

import gc
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents import leftovers
from showcase.documents.overwriting import Cleared, clear
from showcase.erasure import gathering, places, reader, typed
from showcase.erasure.controls import controls
from showcase.erasure.gathering import Gathered, Gone
from showcase.erasure.patterns import Patterns, patterns
from showcase.erasure.places import Listing
from showcase.erasure.scanning import scan
from showcase.erasure.subject import pseudonym
from showcase.erasure.surroundings import not_covered
from showcase.erasure.verdict import OTHERS_LOOK
from showcase.errors import ShowcaseError
from showcase.evidence.erasure import Bystanders, Erasure, NotCovered, Scan
from showcase.memory import rebuilding, replacement
from showcase.memory.backends.opening import Kept
from showcase.memory.history_copy import copy_tables
from showcase.memory.left_on_disk import typed_lines
from showcase.memory.moving import check_alone
from showcase.memory.replacement import NEW, Entry, Replacement
from showcase.memory.same_store import again, alone
from showcase.memory.store_errors import as_store_error
from showcase.memory.store_files import HISTORY
from showcase.settings.store_place import StorePlace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence.erasure import Method, Verified

_RECORDS = frozenset({places.LOG, places.PAGE, places.EVENT_FILE})
"""What is written down of runs, which holds their memories on purpose."""


_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be forgotten.

    Attributes:
        kept: The store.
        user_id: Whose memories.
        ids: Which.
        everything: Whether they are all of them, and everything else that the store keeps of the user goes too.
        traces: Whether what is left of memories goes of which no row is there any more, whoever took them out.
        gone: Rows that were taken out before, and are to go from the files as well.
        records: Whether logs, pages and event files of runs go in which they are found.
        also: Files and directories elsewhere that are looked through.
        key: Of the pseudonym under which the user stands in the certificate.
        progress: Is told what is being done, and how much of how much.
    """

    kept: Kept
    user_id: str
    ids: tuple[str, ...]
    everything: bool
    key: bytes = field(repr=False)
    traces: bool = False
    gone: tuple[Gone, ...] = field(default=(), repr=False)
    records: bool = False
    also: tuple[Path, ...] = ()
    progress: Callable[[str, int, int], None] = lambda _doing, _done, _total: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What one process did and saw; another has to verify it."""

    gathered: Gathered
    before: Scan
    after: Scan
    removed: Removed
    wanted: Patterns
    listing: Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What became of rows, history, lines and files."""

    rows: int
    events: int = 0
    messages: int = 0
    lines: int = 0
    cleared: Cleared = field(default_factory=Cleared)
    stays: str = ""
    history: str = ""


def erase(order: Order) -> Erasure:
    """Forget memories with their traces, and let another process verify it.

    Killed at any moment it leaves the old store or the new one, whole, which the next start brings to its end.

    Raises:
        StoreError: Another process holds the store, it cannot be copied whole, or there is no room;
            nothing was changed.
    """
    place = order.kept.place
    again(place, order.kept.record, order.kept.layout)
    with alone(place):
        check_alone(place)
        done = forget(order, rebuilt)
        try:
            verified = reader.in_another_process(place, done.gathered.subject, done.gathered.going, order.also)
        except (ShowcaseError, OSError) as error:
            return facts(order, done, "erase", None, str(error))
        return facts(order, done, "erase", verified)


def forget(order: Order, remove: Callable[[Order, Gathered, Listing, Scan], Removed]) -> Forgotten:
    """Look, remove by `remove`, and look again."""
    place = order.kept.place
    leftovers.sweep(Path(tempfile.gettempdir()), first=clear)  # copies of a store that a killed process left
    gathered = gathering.gather(
        place, order.user_id, order.ids, everything=order.everything, traces=order.traces, gone=order.gone
    )
    wanted = patterns(gathered.subject)
    listing = places.listing(place, order.also)
    before = _scan(order, wanted, listing, "MiB looked through before")
    removed = remove(order, gathered, listing, before)
    listing = places.listing(place, order.also)
    after = _scan(order, wanted, listing, "MiB looked through after")
    return Forgotten(gathered=gathered, before=before, after=after, removed=removed, wanted=wanted, listing=listing)


def _scan(order: Order, wanted: Patterns, listing: Listing, doing: str) -> Scan:
    return scan(
        wanted,
        listing.files,
        canaries=controls(listing.files),
        missed=listing.missed,
        progress=lambda done, total: order.progress(doing, done // _MIB, total // _MIB),
    )


def rebuilt(order: Order, gathered: Gathered, listing: Listing, before: Scan) -> Removed:
    """Copy what stays into fresh files and put them in the place of the old ones, which are written over.

    Raises:
        StoreError: It cannot be copied whole, or there is no room; the store is as it was.
    """
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
        entries = list(_of_chroma(place, fresh))
        gone, history = _history(place, gathered, entries)
        lines = _typed(place, order, gathered, entries)
        if order.records:
            holding = {each.path for each in before.residues if each.kind in _RECORDS}
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


def _words(gathered: Gathered) -> set[str]:
    """Return the words of what goes that nothing which stays holds."""
    return {each.data.decode() for each in patterns(gathered.subject).folded if each.form == "word"}


def facts(order: Order, done: Forgotten, method: Method, verified: Verified | None, why_not: str = "") -> Erasure:
    """Return what was done and seen, for a certificate or a run log."""
    place, removed = order.kept.place, done.removed
    covered = not_covered(place.root, done.wanted, linked=removed.cleared.linked, old=removed.cleared.inodes)
    if done.listing.beside:
        named = ", ".join(done.listing.beside[:3]) + ("…" if len(done.listing.beside) > 3 else "")  # noqa: PLR2004 - as above
        covered = (
            *covered,
            NotCovered(
                what="other directories beside the store",
                found_out=f"not looked into: {named}; to look there too, name them with --also",
            ),
        )
    if why_not:
        covered = (NotCovered(what=OTHERS_LOOK, found_out=why_not), *covered)
    return Erasure(
        method=method,
        everything=order.everything,
        subject=pseudonym(order.key, order.user_id, order.ids),
        asked=len(order.ids),
        found=done.gathered.found,
        removed=removed.rows,
        events_removed=removed.events,
        messages_removed=removed.messages,
        lines_removed=removed.lines,
        shared=done.wanted.shared,
        rows_by_id_after=None if verified is None else verified.by_id,
        before=done.before,
        after=done.after,
        verified=None if verified is None else verified.scan,
        overwritten=removed.cleared.overwritten,
        linked=removed.cleared.linked,
        unchanged_since=None if verified is None else reader.state_of(place) == verified.left,
        bystanders=Bystanders(
            rows=done.gathered.stay,
            before=removed.stays,
            rows_after=None if verified is None else verified.rows,
            after=None if verified is None else verified.digest,
            history_before=removed.history,
            history_after=None if verified is None else verified.history,
        ),
        not_covered=covered,
    )
