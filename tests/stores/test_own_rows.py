"""Among everybody's rows in PostgreSQL, a user finds their own, however often they ask: stock mem0 does not."""

from __future__ import annotations

import random
import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from mem0.utils.factory import VectorStoreFactory
from mem0.vector_stores.configs import VectorStoreConfig
from tables import place_of_server, server_of, table_of, unit

from showcase.memory.own_parts import close_store
from showcase.stores.interface import Row
from showcase.stores.provider import vector_store

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.bench.stores.servers import Server
    from showcase.stores.interface import Vector

DIMENSIONS, OTHERS, OWN = 384, 1000, 20
SEARCHES = 16
"""psycopg prepares at the fifth use of a statement, and PostgreSQL plans for all users after five more. Before it has
counted what is in a table, which it does by and by, mem0 finds a part from the first search on."""


def vectors(seed: int) -> list[Vector]:
    drawn = random.Random(seed)  # noqa: S311 - any numbers do
    return [unit(*(drawn.gauss(0, 1) for _ in range(DIMENSIONS))) for _ in range(OTHERS + OWN)]


def uncounted(server: Server, collection: str) -> None:
    """Let PostgreSQL not count what is in a table, which it does at a moment of its own."""
    with psycopg.connect(f"{server.url}", password=server.secret) as connection:
        connection.execute(f'ALTER TABLE "{collection}" SET (autovacuum_enabled = false)')


def plan(store: Any, collection: str) -> str:
    """Return how PostgreSQL looks for the nearest rows where its index is most tempting, on a connection of mem0's."""
    asked = f'EXPLAIN SELECT id FROM "{collection}" ORDER BY vector <=> %s::vector LIMIT 20'  # noqa: S608 - a name of this test
    with store.connection_pool.connection() as connection:
        return "\n".join(row[0] for row in connection.execute(asked, (str(list(vectors(2)[0])),)).fetchall())


@pytest.mark.parametrize("stock", [True, False], ids=["as mem0 does by itself", "as this program opens it"])
def test_a_user_finds_all_their_rows_in_every_search(
    request: pytest.FixtureRequest, collection: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stock: bool
) -> None:
    """Where mem0 by itself finds them too, what is done about it can go."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("PGPASSWORD", "")
    server = server_of("postgresql", request)
    place = place_of_server(server, collection)
    named = vector_store(place, server.secret, collection=collection, dimensions=DIMENSIONS, stock=stock)
    checked = VectorStoreConfig(**named)
    store = VectorStoreFactory.create(checked.provider, checked.config)
    made = vectors(1)
    rows = [
        Row(
            memory_id=str(uuid.uuid4()),
            beside={"user_id": "alice" if number < OWN else f"other {number % 50}", "data": str(number)},
            vector=vector,
        )
        for number, vector in enumerate(made)
    ]
    table = table_of(server, collection)
    try:
        if stock:
            store.create_col()
            uncounted(server, collection)
        else:
            table.make(DIMENSIONS)
        table.put(rows)
        found = [
            len(store.search(query="", vectors=list(vector), top_k=OWN, filters={"user_id": "alice"}))
            for vector in vectors(2)[:SEARCHES]
        ]
    finally:
        close_store(store)
        table.drop()
        table.close()
    assert (min(found) == OWN) is not stock, found


def test_the_index_that_stock_mem0_made_hides_nothing_from_this_program(
    request: pytest.FixtureRequest, collection: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("PGPASSWORD", "")
    server = server_of("postgresql", request)
    place = place_of_server(server, collection)
    opened = [
        VectorStoreConfig(**vector_store(place, server.secret, collection=collection, dimensions=DIMENSIONS, stock=it))
        for it in (True, False)
    ]
    theirs, ours = (VectorStoreFactory.create(each.provider, each.config) for each in opened)
    table = table_of(server, collection)
    try:
        theirs.create_col()
        uncounted(server, collection)
        some = [
            Row(memory_id=str(uuid.uuid4()), beside={"user_id": "alice" if at < OWN else "bob"}, vector=vector)
            for at, vector in enumerate(vectors(1))
        ]
        table.put(some)
        found = {
            len(ours.search(query="", vectors=list(vector), top_k=OWN, filters={"user_id": "alice"}))
            for vector in vectors(2)[:SEARCHES]
        }
        plans = [plan(each, collection) for each in (theirs, ours)]
    finally:
        for each in (theirs, ours):
            close_store(each)
        table.drop()
        table.close()
    assert found == {OWN}
    # However many rows there are: pgvector's own way to visit more of them ends at 20,000.
    assert ["hnsw" in each for each in plans] == [True, False], plans
