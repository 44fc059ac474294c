"""What is not done to a store with a URL in its place: its collection has one form, and others may be reading it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.errors import UsageError
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from showcase.settings.store_place import StorePlace


def check_layout(place: StorePlace) -> None:
    """Refuse to lay out rows otherwise where mem0's provider has one collection for everybody.

    Raises:
        UsageError: The store has a URL.
    """
    address = place.address
    if address is None:
        return
    raise UsageError(
        f"a store of {address.kind} has one collection for everybody, the layout shared, and no other",
        hint="for a collection a user, copy them into a directory: showcase memories move --store "
        f"{quoted(address)} --to DIR --layout per-user",
    )


def check_vectors(place: StorePlace, embed_model: str) -> None:
    """Refuse to make vectors anew in a collection that others read and write meanwhile, and that takes one length.

    Raises:
        UsageError: The store has a URL.
    """
    address = place.address
    if address is None:
        return
    beside = address.of_collection(f"{address.collection[:59]}_new")
    raise UsageError(
        f"the collection {address.collection} of {address} takes vectors of its own model alone, and is not made anew "
        "in its place: others may be reading it",
        hint=f"bring the memories into another one: showcase memories export --store {quoted(address)} memories.jsonl; "
        f"then: showcase memories import --store {quoted(beside)} --embed-model {quoted(embed_model)} memories.jsonl",
    )
