"""The server of a run's store: what is its own in the log, and whether memories left this machine to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.evidence import Rule
from showcase.evidence.addresses import numeric
from showcase.evidence.store import CALLED

if TYPE_CHECKING:
    from showcase.evidence import Attempt, Endpoint, Run, Store


def server_of(run: Run) -> Store | None:
    """Return the store where it has a server, None where it ran in the processes that opened it."""
    return run.store if run.store is not None and run.store.is_server else None


def away(run: Run) -> Store | None:
    """Return the store where it is not on this machine as its address tells, None where it is."""
    store = server_of(run)
    return None if store is None or store.is_here else store


def on_the_way(store: Store) -> str:
    """Return how memories went to a store beyond this machine."""
    return "over TLS" if store.tls else "not encrypted"


def called(store: Store) -> str:
    """Return what the server is called in a sentence."""
    return f"the store's server ({store.called}) at {store.where}"


def described(found: Store) -> str:
    """Return it in a few words, for a line of print or of a terminal."""
    if not found.is_server:
        return f"{CALLED[found.kind]} in a directory"
    way = "" if found.is_here else f", {on_the_way(found)}"
    return f"{found.called} at {found.where}, collection {found.collection}{way}"


def is_at(endpoint: Endpoint, store: Store | None) -> bool:
    """Return whether a server is the store's by where it listens."""
    own = None if store is None else store.endpoint
    return own is not None and own.port == endpoint.port and numeric(own.address) == numeric(endpoint.address)


def rule_for(store: Store) -> Rule | None:
    """Return the rule that a policy has for a store beyond this machine, None for one that is here."""
    if not store.is_server or store.is_here:
        return None
    return Rule(host=store.host, port=store.port, addresses=store.addresses)


def goes_there(row: Attempt, store: Store) -> bool:
    """Return whether an attempt is a connection to the store's server."""
    address = numeric(row.address)
    places = {numeric(text) for text in (store.host, *store.addresses)} - {None}
    return row.kind == "connect" and row.port == store.port and (address in places or row.address == store.host)
