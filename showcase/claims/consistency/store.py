"""Where the log says that the store was, held against its policy, its walls and the states that were looked at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import PORTS, twice
from showcase.claims.store_server import rule_for
from showcase.evidence.addresses import numeric
from showcase.evidence.store import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Run, Store

EMBEDDED = frozenset({"chroma", "qdrant", "milvus"})
"""Engines that can run inside of the process that opens them."""

SERVERS = frozenset({"chroma", "postgresql", "qdrant", "redis"})

_COLLECTION = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,62}|collection-\d+")
"""A name as the command line takes it, or what a redacted log has in its place."""

_HOST = re.compile(r"[a-z0-9_.:-]+")


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    store = run.store
    if store is None:
        return
    yield from _said(store)
    yield from _allowed(run, store)
    if not store.is_here and any(report.name == "seal" and report.active for report in run.witnesses):
        yield "the sessions ran in a seal, and the store was where no bridge of one leads"


def _said(store: Store) -> Iterator[str]:
    if store.kind not in (SERVERS if store.is_server else EMBEDDED):
        yield f"a store of {store.kind} {'has no server' if store.is_server else 'has one'}"
    if not _COLLECTION.fullmatch(store.collection):
        yield f"the store has the collection {store.collection!r}, which no engine takes"
    if not store.is_server:
        if store.port or store.tls or store.addresses:
            yield "the store ran in the processes that opened it, and was somewhere else"
        return
    if not _HOST.fullmatch(store.host) or store.port not in PORTS or not store.port:
        yield f"the store's server was at {store.host!r}, port {store.port}, where none can be"
    if not store.version.startswith(CALLED[store.kind]):
        yield f"the store's server is a {CALLED[store.kind]}, and says that it is {store.version or 'nothing'!r}"
    if any(numeric(text) is None for text in store.addresses) or twice(store.addresses) is not None:
        yield "the name of the store's server led to what is no address, or to one twice"
    if store.addresses and numeric(store.host) is not None:
        yield "the store's server is named by its address, which led nowhere, and has others"


def _allowed(run: Run, store: Store) -> Iterator[str]:
    rule = rule_for(store)
    if store.is_server and rule is None and store.endpoint not in run.policy.allowed:
        yield f"the store's server was at {store.where}, which the policy does not allow"
    if rule is not None and rule not in run.policy.rules:
        yield f"the store's server was at {store.where}, and the policy has no rule for it"
