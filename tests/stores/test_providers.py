"""Each engine by mem0's own class: what one user finds, and what `*` means there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from providers import ALICE, BOB, close, found, insert_both, listed, opened, payload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import Server

# Of redisvl 0.27, whose method mem0 calls; 0.28 has it no more.
pytestmark = pytest.mark.filterwarnings("ignore:Function set_client is deprecated:DeprecationWarning")

BOTH = {ALICE[1], BOB[1]}
SEEN_WITHIN_S = 10


@pytest.fixture(params=["chroma_server", "postgresql_server", "redis_server", "milvus_place", "qdrant_place"])
def server(request: pytest.FixtureRequest) -> Server:
    return request.getfixturevalue(request.param)


@pytest.fixture
def store(server: Server, collection: str) -> Iterator[Any]:
    opening = opened(server, collection)
    insert_both(opening)
    # Redis puts what it was given into its index a moment later.
    latest = time.monotonic() + SEEN_WITHIN_S
    while found(opening, None) != BOTH and time.monotonic() < latest:
        time.sleep(0.05)
    yield opening
    opening.delete_col()
    close(opening)


def test_a_user_finds_their_own_rows_alone(store: Any) -> None:
    assert found(store, {"user_id": "bob"}) == listed(store, {"user_id": "bob"}) == {BOB[1]}
    assert found(store, {"user_id": "alice"}) == listed(store, {"user_id": "alice"}) == {ALICE[1]}
    assert found(store, {"user_id": "carol"}) == listed(store, {"user_id": "carol"}) == set()


def test_no_filter_reads_everybody(store: Any) -> None:
    assert found(store, None) == listed(store, None) == BOTH


def test_what_a_star_reads(store: Any, server: Server) -> None:
    """As mem0 2.2.1 documents it: everybody's rows; its class for Redis has no such rule."""
    everybody = set() if server.kind == "redis" else BOTH
    assert found(store, {"user_id": "*"}) == listed(store, {"user_id": "*"}) == everybody


def test_a_row_is_changed_read_by_its_id_and_deleted(store: Any) -> None:
    row = next(each for each in store.list(filters={"user_id": "bob"})[0])
    store.update(vector_id=row.id, vector=BOB[0], payload=payload("bob", "Bob sold the oboe"))
    assert store.get(row.id).payload["data"] == "Bob sold the oboe"
    store.delete(row.id)
    latest = time.monotonic() + SEEN_WITHIN_S
    while listed(store, None) != {ALICE[1]} and time.monotonic() < latest:
        time.sleep(0.05)
    assert listed(store, None) == {ALICE[1]}
