"""What is left of a text in a store, whoever wrote that: the scan alone, with its controls. Nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.erasure import places, verdict
from showcase.erasure.controls import controls
from showcase.erasure.gathering import plain_words
from showcase.erasure.patterns import patterns
from showcase.erasure.scanning import scan
from showcase.erasure.subject import Subject
from showcase.evidence.erasure import Scan
from showcase.evidence.fact import Fact, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from showcase.erasure.scanning import Progress
    from showcase.settings.store_place import StorePlace

NO_VECTOR = "vectors were not looked for: of a text alone none is known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked(Fact):
    """What was seen: `upheld` where nothing of it is there, and whoever looked was shown to see."""

    status: Status
    reason: str
    scan: Scan
    beside: tuple[str, ...]


def look_for(place: StorePlace, text: str, also: Sequence[Path] = (), *, progress: Progress) -> Looked:
    """Look through every byte of a store for a text, in all its forms.

    Args:
        place: The store.
        text: What to look for.
        also: Files and directories elsewhere.
        progress: Is told how many bytes of how many are looked through.
    """
    listing = places.listing(place, also)
    wanted = patterns(Subject(texts=(text,), plain=tuple(plain_words(place))))
    seen = scan(wanted, listing.files, canaries=controls(listing.files), missed=listing.missed, progress=progress)
    status, reason = _judged(seen)
    return Looked(status=status, reason=reason, scan=seen, beside=listing.beside)


def _judged(seen: Scan) -> tuple[Status, str]:
    whole = [each for each in seen.residues if each.form != "word"]
    if whole:
        return "broken", f"it is there: {verdict.residues(whole)}"
    if not seen.patterns:
        return "inconclusive", "it is too short to be looked for, or every store has all of its words"
    flaw = verdict.blind(seen)
    if flaw is not None:
        return "inconclusive", f"nothing was found, which proves nothing: {flaw}"
    unread = next((f"{each.path}: {each.unread[0]}" for each in seen.files if each.unread), None)
    if unread or seen.missed:
        return "inconclusive", f"nothing was found, and not everything could be looked at: {unread or seen.missed[0]}"
    if seen.residues:
        return (
            "inconclusive",
            f"words of it are there, which others may have written: {verdict.residues(seen.residues)}",
        )
    size = sum(each.read_bytes for each in seen.files)
    many = sum(seen.patterns.values())
    return "upheld", f"none of {many} patterns of it is in {len(seen.files)} files ({size:,} bytes); {NO_VECTOR}"
