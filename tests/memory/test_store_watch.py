"""What counts as a write of somebody else: rows that come, change or go, and no query of Chroma's own."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from kept_stores import OF_TWO, made, vector

from showcase.memory import store_watch
from showcase.memory.collections import Collections
from showcase.memory.store_files import DATABASE
from showcase.memory.store_watch import StoreWatch

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = """
import sys
from pathlib import Path
from showcase.memory.collections import Collections
from showcase.settings.store_place import store_place

with Collections(store_place(Path(sys.argv[1])), "shared") as rows:
    [first, *_] = list(rows.rows("alice"))
    if sys.argv[2] == "put":
        [held] = rows.vectors("alice", [first.memory_id]).values()
        rows.put("alice", {"another": ({"data": "x", "user_id": "alice"}, held)})
    elif sys.argv[2] == "note":
        rows.note("alice", {first.memory_id: {"showcase_pinned": True}})
    elif sys.argv[2] == "delete":
        rows.delete("alice", [first.memory_id])
    elif sys.argv[2] == "look":
        rows.search("alice", list(rows.vectors("alice", [first.memory_id]).values())[0], at_most=2)
"""


@pytest.mark.parametrize(("act", "counts"), [("put", True), ("note", True), ("delete", True), ("look", False)])
def test_a_write_of_another_process_is_told_from_a_look(tmp_path: Path, act: str, counts: bool) -> None:
    place = made(tmp_path / "s")
    watch = StoreWatch(place.chroma / DATABASE)
    watch.begin()
    with Collections(place, "shared") as rows:
        rows.search("alice", vector(OF_TWO[0].text), at_most=1)
        assert not watch.changed(), "a query of our own"
        assert not rows.changed()
        subprocess.run([sys.executable, "-c", ELSEWHERE, str(place.root), act], check=True)
        assert watch.changed() is counts
        assert rows.changed() is counts
    watch.close()


def test_a_database_that_was_not_there_is_a_change_when_it_is(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    watch = StoreWatch(tmp_path / "other" / DATABASE)
    watch.begin()
    assert not watch.changed()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / DATABASE).write_bytes((place.chroma / DATABASE).read_bytes())
    assert watch.changed()
    watch.close()


def test_a_look_at_the_queue_reads_its_ends_and_not_its_rows(tmp_path: Path) -> None:
    """The queue holds up to a thousand rows of each user's collection, with their vectors; a look is made a query."""
    place = made(tmp_path / "s")
    with closing(sqlite3.connect(place.chroma / DATABASE)) as connection:
        plans = [
            step[-1] for query in store_watch._QUERIES for step in connection.execute(f"EXPLAIN QUERY PLAN {query}")
        ]
    assert [plan for plan in plans if "SEARCH embeddings_queue" in plan]
    assert not [plan for plan in plans if "SCAN embeddings_queue" in plan]
