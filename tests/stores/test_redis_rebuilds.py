"""mem0's class for Redis makes its index anew whenever it is opened: meanwhile everybody finds less."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from providers import ALICE, close, opened, payload

if TYPE_CHECKING:
    from servers import Server

# Of redisvl 0.27, whose method mem0 calls; 0.28 has it no more.
pytestmark = pytest.mark.filterwarnings("ignore:Function set_client is deprecated:DeprecationWarning")

ROWS = 20_000
ENOUGH_S = 60


def indexed(store: Any, collection: str) -> int:
    return int(store.client.ft(collection).info()["num_docs"])


def wait_for_all(store: Any, collection: str) -> None:
    latest = time.monotonic() + ENOUGH_S
    while indexed(store, collection) < ROWS and time.monotonic() < latest:
        time.sleep(0.05)
    assert indexed(store, collection) == ROWS


def test_a_second_process_takes_the_index_from_the_first(redis_server: Server, collection: str) -> None:
    first = opened(redis_server, collection)
    first.insert(
        vectors=[ALICE[0]] * ROWS,
        payloads=[payload("alice", "text")] * ROWS,
        ids=[str(uuid.uuid4()) for _ in range(ROWS)],
    )
    wait_for_all(first, collection)
    second = opened(redis_server, collection)
    meanwhile = indexed(first, collection)
    assert meanwhile < ROWS, "opening it left the index as it was"
    # No row is lost; they are found again when all have been read anew.
    wait_for_all(first, collection)
    first.index.delete(drop=True)
    close(first)
    close(second)
