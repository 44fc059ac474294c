"""What lay beside the rows of a collection that is taken away does not come back beside somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from showcase.memory.collections import Collections
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("ours", [True, False], ids=["as this program does", "as Chroma does by itself"])
def test_lists_of_a_dropped_collection_do_not_come_back(tmp_path: Path, ours: bool) -> None:
    """Chroma by itself leaves them on the disk; where it no longer does, what is done about it can go."""
    with Collections(store_place(tmp_path / "s"), "shared") as rows:
        old = rows.opened().create_collection("old", embedding_function=None)
        old.add(ids=["1"], embeddings=[[1.0, 0.0]], metadatas=[{"user_id": "alice", "codes": ["obsidian", "4711"]}])
        if ours:
            rows.drop("old")
        else:
            rows.opened().delete_collection("old")
        new = rows.opened().create_collection("new", embedding_function=None)
        for number in range(3):
            new.add(ids=[f"b{number}"], embeddings=[[0.0, 1.0]], metadatas=[{"user_id": "bob"}])
        beside = [dict(each) for each in new.get(include=["metadatas"])["metadatas"]]
    assert ("obsidian" in repr(beside)) is not ours
