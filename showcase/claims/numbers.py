"""Lookups that are none: a number was given where a name may stand, and nobody was asked for anything.

The witness in a Python process of an older log wrote down each call of `getaddrinfo`, also one of a number. That is
read here, and the log stays what it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.evidence.addresses import literal

if TYPE_CHECKING:
    from showcase.evidence import Attempt
    from showcase.evidence.addresses import Address


def is_within(row: Attempt) -> bool:
    """Return whether a lookup was seen within its process alone: what is seen on its way to a name server was asked."""
    return row.kind == "lookup" and row.address is None and set(row.witnesses) <= {"hook"}


def number_of(row: Attempt) -> Address | None:
    """Return the number that was given in place of a name, None for every other row, and for a name made of digits."""
    return literal(row.name) if is_within(row) else None


def is_lookup(row: Attempt) -> bool:
    """Return whether a row is a lookup of a name."""
    return row.kind == "lookup" and number_of(row) is None
