"""Whether the states of the store can be what was on disk, or in a server's collection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from showcase.evidence import StoreState

_SHA256 = re.compile(r"[0-9a-f]{64}")


def unreadable(state: StoreState | None, when: str, *, may_be_empty: bool = False) -> str | None:
    """Return why a state says nothing of a store with something in it, None where it does.

    Args:
        state: What was seen.
        when: When it was looked at, in words.
        may_be_empty: Whether an empty store is an answer too: somebody deleted it.
    """
    if state is None:
        return f"the store was not looked at {when}"
    if state.is_empty and not may_be_empty:
        return f"the store was empty on disk {when}" if state.by == "files" else f"the store had no row {when}"
    if not all(_SHA256.fullmatch(digest) for digest in (state.digest, *(file.sha256 for file in state.files))):
        return f"the store has no digest {when}"
    return None


def differ(one: StoreState | None, other: StoreState | None) -> bool:
    """Return whether the files, or the rows, of two looks differ.

    Whether tables could be counted says nothing of files; of rows the digest says all.
    """
    if one is None or other is None:
        return one is not other
    return (one.by, one.digest, one.files) != (other.by, other.digest, other.files)
