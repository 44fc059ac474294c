"""A store whose distances are no squared L2 of unit vectors: no cosine can be told, and none is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from showcase.errors import StoreError
from showcase.memory.collections import Collections
from showcase.memory.distances import check_space, check_unit_length, spaces
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.settings.store_place import StorePlace


def foreign(root: Path, vector: list[float], **options: object) -> StorePlace:
    import chromadb  # noqa: PLC0415 - as stock programs make it

    client = chromadb.PersistentClient(str(root))
    made = client.create_collection("mem0", embedding_function=None, **options)  # type: ignore[arg-type]
    made.add(ids=["1"], embeddings=[vector], metadatas=[{"data": "I live in Oslo", "user_id": "alice"}])  # type: ignore[arg-type]
    client.close()
    return store_place(root)


@pytest.mark.parametrize(
    ("options", "space"),
    [({"metadata": {"hnsw:space": "cosine"}}, "cosine"), ({"configuration": {"hnsw": {"space": "ip"}}}, "ip")],
)
def test_another_measure_is_refused(tmp_path: Path, options: dict[str, object], space: str) -> None:
    place = foreign(tmp_path / "s", [1.0, 0.0], **options)
    assert space in spaces(place)["mem0"]
    with pytest.raises(StoreError, match=space):
        check_space(place, "shared")
    check_space(place, "per-user")  # it is none of its collections


def test_squared_distance_of_unit_vectors_is_taken(tmp_path: Path) -> None:
    place = foreign(tmp_path / "s", [1.0, 0.0])
    check_space(place, "shared")
    with Collections(place, "shared") as rows:
        check_unit_length(rows)


def test_vectors_of_another_length_are_refused(tmp_path: Path) -> None:
    place = foreign(tmp_path / "s", [0.1, 0.0])
    with Collections(place, "shared") as rows, pytest.raises(StoreError, match=r"length 0\.100"):
        check_unit_length(rows)
