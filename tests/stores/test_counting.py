"""How many rows whom belong to: counted by PostgreSQL itself, and by pages where an engine counts nothing."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest
from commanding import Teller, teller

from showcase.stores import counting
from showcase.stores.interface import Row
from showcase.stores.pgvector import PgvectorTable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.bench.stores.servers import Server
    from showcase.stores.interface import Table

WHOSE = ["alice", "alice", "Alice", "alice ", "*", "%", "", None, 7, ["alice"]]
COUNTED = {"alice": 2, "Alice": 1, "alice ": 1, "*": 1, "%": 1, "": 1, None: 3}


class ByPages:
    """The same table to whoever asks it as any other."""

    def __init__(self, table: PgvectorTable) -> None:
        self.exists = table.exists
        self.pages = table.pages


@pytest.fixture
def table(postgresql_server: Server, collection: str, tmp_path: Path) -> Iterator[PgvectorTable]:
    there: Teller = teller(postgresql_server, collection, tmp_path)
    made = PgvectorTable(there.address, there.secret)
    yield made
    made.drop()
    made.close()


def test_nothing_is_counted_where_nothing_is(table: PgvectorTable) -> None:
    assert counting.counts(table) == {}
    assert counting.count(table, "alice") == 0


def test_an_engine_that_counts_says_what_looking_at_all_rows_says(table: PgvectorTable) -> None:
    table.make(3)
    rows = []
    for user_id in WHOSE:
        beside = {"data": "a fact", **({} if user_id is None else {"user_id": user_id})}
        rows.append(Row(memory_id=str(uuid.uuid4()), beside=json.loads(json.dumps(beside)), vector=(1, 0, 0)))
    table.put(rows)
    by_pages: Table = ByPages(table)  # type: ignore[assignment]  # of which two methods are asked
    assert isinstance(table, counting.Counting)
    assert not isinstance(by_pages, counting.Counting)
    assert counting.counts(table) == counting.counts(by_pages) == COUNTED
    for user_id in ("alice", "Alice", "*", "%", "", "bob", "7"):
        expected = COUNTED.get(user_id, 0)
        assert counting.count(table, user_id) == counting.count(by_pages, user_id) == expected, user_id
