"""Forgets memories: looks, copies what stays into fresh files, overwrites the old ones, and looks again, twice."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents import leftovers
from showcase.documents.overwriting import clear
from showcase.erasure import gathering, places, reader
from showcase.erasure.controls import controls
from showcase.erasure.gathering import Gathered
from showcase.erasure.kinds import SHORTEST_IN_DIGITS
from showcase.erasure.order import Order, Removed
from showcase.erasure.patterns import Patterns, patterns
from showcase.erasure.places import Listing
from showcase.erasure.removal import rebuilt
from showcase.erasure.scanning import scan
from showcase.erasure.subject import pseudonym
from showcase.erasure.surroundings import not_covered
from showcase.erasure.verdict import OTHERS_LOOK
from showcase.errors import ShowcaseError
from showcase.evidence.erasure import Bystanders, Erasure, NotCovered, Scan
from showcase.memory.chroma_client import forget_opened
from showcase.memory.moving import check_alone, ids_of
from showcase.memory.operations import recording
from showcase.memory.same_store import again, alone

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.evidence.erasure import Method, Verified

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What one process did and saw; another has to verify it."""

    gathered: Gathered
    before: Scan
    after: Scan
    removed: Removed
    wanted: Patterns
    listing: Listing


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
        with recording.operation(place, "ERASE", order.user_id, order.ids, there=partial(_there, order)) as became:
            became.names_nobody()
            done = forget(order, rebuilt)
            order.begins("verify")
            try:
                verified = reader.in_another_process(place, done.gathered.subject, done.gathered.going, order.also)
            except (ShowcaseError, OSError) as error:
                return facts(order, done, "erase", None, str(error))
            return facts(order, done, "erase", verified)


def _there(order: Order) -> list[str]:
    """Return the ids of all rows, and let go of the store."""
    try:
        return ids_of(order.kept.place, order.kept.layout)
    finally:
        forget_opened()


def forget(order: Order, remove: Callable[[Order, Gathered, Listing, Scan], Removed]) -> Forgotten:
    """Look, remove by `remove`, and look again."""
    place = order.kept.place
    order.begins("gather")
    leftovers.sweep(Path(tempfile.gettempdir()), first=clear)  # copies of a store that a killed process left
    gathered = gathering.gather(
        place, order.user_id, order.ids, everything=order.everything, traces=order.traces, gone=order.gone
    )
    wanted = patterns(gathered.subject)
    listing = places.listing(place, order.also)
    if wanted.shared:
        order.held_too(gathering.who_holds(place, gathered.going, wanted.shared))
    before = _scan(order, wanted, listing, "MiB looked through before")
    removed = remove(order, gathered, listing, before)
    listing = places.listing(place, order.also)
    after = _scan(order, wanted, listing, "MiB looked through after")
    return Forgotten(gathered=gathered, before=before, after=after, removed=removed, wanted=wanted, listing=listing)


def _scan(order: Order, wanted: Patterns, listing: Listing, doing: str) -> Scan:
    order.begins("controls")
    canaries = controls(listing.files)
    order.begins("scan")
    return scan(
        wanted,
        listing.files,
        canaries=canaries,
        missed=listing.missed,
        progress=lambda done, total: order.progress(doing, done // _MIB, total // _MIB),
    )


def facts(order: Order, done: Forgotten, method: Method, verified: Verified | None, why_not: str = "") -> Erasure:
    """Return what was done and seen, for a certificate or a run log."""
    place, removed = order.kept.place, done.removed
    covered = not_covered(place.root, done.wanted, linked=removed.cleared.linked, old=removed.cleared.removed)
    if done.listing.beside:
        named = ", ".join(done.listing.beside[:3]) + ("…" if len(done.listing.beside) > 3 else "")  # noqa: PLR2004 - as above
        covered = (
            *covered,
            NotCovered(
                what="other directories beside the store",
                found_out=f"not looked into: {named}; to look there too, name them with --also",
            ),
        )
    if any(
        len(each.data) < SHORTEST_IN_DIGITS and each.form != "word" for each in done.wanted.raw + done.wanted.folded
    ):
        covered = (
            *covered,
            NotCovered(
                what="short texts and ids in the log of operations",
                found_out=f"not looked for there below {SHORTEST_IN_DIGITS} bytes: its digits hold them by chance",
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
        shared=len(done.wanted.shared),
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
