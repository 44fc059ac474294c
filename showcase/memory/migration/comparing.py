"""What a row of one store is to the one in its place in another."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Literal

from showcase.memory.importing import standing
from showcase.memory.migration.interface import canonical
from showcase.memory.stored import RECALLED, RECALLED_AT, SOURCE
from showcase.stores.unfit_rows import ROUNDING

if TYPE_CHECKING:
    from showcase.memory.migration.interface import Carried

Likeness = Literal["new", "same", "rounded", "used", "behind", "other", "anothers"]
"""Not there; there to the last bit; there, with a vector that its engine rounded; there, and recalled there since;
there, and recalled here since; there with another content; there as another user's."""

_USE = {SOURCE, RECALLED, RECALLED_AT}
"""What `memories import` leaves as it is on a row that is there."""


def likeness(row: Carried, there: Carried | None, *, rounds: bool) -> Likeness:
    """Return what a row is to the one that is there.

    Args:
        row: The row that comes.
        there: What is in its place, None where nothing is.
        rounds: Whether the engine there brings each vector to length 1, and may round it so.
    """
    if there is None:
        return "new"
    differ = set(differences(row, there))
    if not differ:
        return "same"
    if rounds and "vector" in differ and _is_rounded(row.vector, there.vector):
        differ.remove("vector")
        if not differ:
            return "rounded"
    stands = standing(there.stored, row.stored)
    if stands != "same" or not _USE.issuperset(differ):
        return "other" if stands == "same" else stands
    return "behind" if there.stored.recalled < row.stored.recalled else "used"


def differences(row: Carried, there: Carried) -> tuple[str, ...]:
    """Return the names of all fields in which two rows of one id differ, types and single bits included."""
    names = sorted({*row.beside, *there.beside})
    found = [
        name
        for name in names
        if name not in row.beside
        or name not in there.beside
        or canonical(row.beside[name]) != canonical(there.beside[name])
    ]
    if row.vector != there.vector:
        found.append("vector")
    if row.document != there.document:
        found.append("document")
    return tuple(found)


def _is_rounded(vector: bytes | None, there: bytes | None) -> bool:
    one, other = array("f", vector or b""), array("f", there or b"")
    return len(one) == len(other) and all(abs(a - b) <= ROUNDING for a, b in zip(one, other, strict=True))
