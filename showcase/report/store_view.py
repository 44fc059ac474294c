"""The store of a run, where one was named: what it is, where, and how it was spoken to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.store_server import is_at, on_the_way
from showcase.stores.at_rest import at_rest

if TYPE_CHECKING:
    from showcase.evidence import Daemon, Run


@dataclass(frozen=True, slots=True)
class StoreView:
    """What the page says of it; `leaves` says that memories left this machine to it."""

    called: str
    where: str
    spoken: str
    collection: str
    at_rest: str
    leaves: bool


def store(run: Run) -> StoreView | None:
    """Return it, None where none was named."""
    found = run.store
    if found is None:
        return None
    if not found.is_server:
        where, spoken = "a directory of this machine", "no network: each session opened it itself"
    elif found.is_here:
        where = f"{found.where}, on this machine"
        spoken = "over TLS" if found.tls else "not encrypted, within this machine"
    else:
        where, spoken = f"{found.where}, beyond this machine", on_the_way(found)
    return StoreView(
        called=found.called,
        where=where,
        spoken=spoken,
        collection=found.collection,
        at_rest=at_rest("directory" if found.kind == "chroma" and not found.is_server else found.kind),
        leaves=not found.is_here,
    )


def scored_by_cosine(run: Run) -> bool:
    """Return whether mem0's score of a row begins with its cosine: of every engine but Chroma."""
    return run.store is not None and run.store.kind != "chroma"


def names(run: Run, servers: tuple[Daemon, ...]) -> tuple[str, ...]:
    """Return for each server that was watched what the store's is called, empty for the others."""
    found = run.store
    return tuple("" if found is None or not is_at(each.endpoint, found) else found.called for each in servers)
