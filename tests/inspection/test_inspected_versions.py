"""Stores of five versions of Chroma, one of a whole run, and what else may lie in a store."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from inspected_stores import VERSIONS, changed, looked, made, rows_of, vectors, why_unseen

from showcase.errors import UsageError
from showcase.inspection.look import inspect, place_of

if TYPE_CHECKING:
    from pathlib import Path

    from program import Finished

USERS = {"7": 6, "alice": 3, "bob": 1, None: 1}


@pytest.mark.parametrize("version", VERSIONS)
def test_rows_collections_and_queue_of_each_version(tmp_path: Path, version: str) -> None:
    found = looked(made(tmp_path, version))
    held = found.chroma
    assert not found.unseen
    assert version in held.as_of
    assert rows_of(found) == USERS
    assert (held.rows, held.user_count, held.rows_without_user, held.rows_without_collection) == (11, 3, 1, 0)
    assert (held.collection_count, held.orphaned, held.strange) == (3, (), ())
    by_name = {each.name: each for each in held.collections}
    assert {name: (each.dimension, each.rows) for name, each in by_name.items()} == {
        "empty": (None, 0),
        "mem0": (3, 5),
        "written": (2, 6),
    }
    assert by_name["mem0"].space == "cosine"
    assert held.queue.last == 13
    assert (found.database.read, found.database.unfinished, found.database.log) == ("in place", False, "journal")


@pytest.mark.parametrize(
    ("version", "name"),
    [("0.4.24", None), ("0.5.23", None), ("0.6.3", None), ("1.0.20", "default"), ("1.5.9", "default")],
)
def test_the_embedding_function_is_a_name(tmp_path: Path, version: str, name: str | None) -> None:
    held = looked(made(tmp_path, version)).chroma
    assert {each.embedding_function for each in held.collections} == {name}


@pytest.mark.parametrize(
    ("version", "waiting"), [("0.4.24", None), ("0.5.23", 0), ("0.6.3", 0), ("1.0.20", 2), ("1.5.9", 2)]
)
def test_what_waits_for_an_index(tmp_path: Path, version: str, waiting: int | None) -> None:
    """0.4 tells how far an index was written in a pickle alone: then it is not told."""
    held = looked(made(tmp_path, version)).chroma
    of = {(each.name, part.scope): part for each in held.collections for part in each.segments}
    assert of["mem0", "VECTOR"].waiting == 7
    assert of["mem0", "METADATA"].waiting == 0
    assert of["written", "VECTOR"].waiting == waiting
    assert [of[name, "VECTOR"].folder for name in ("empty", "mem0", "written")] == [False, True, True]
    assert of["mem0", "METADATA"].folder is None


def test_a_whole_run_with_its_history(finished: Finished) -> None:
    found = inspect(place_of(finished.out))
    assert not found.unseen
    planted = sum(len(session.planted) for session in finished.log.sessions)
    assert found.chroma.rows == planted
    assert found.history.rows == planted
    assert found.history.events == {"ADD": planted}
    assert found.chroma_directory == str(finished.out / "mem0_chroma")
    assert "run-log.json" not in {entry.path for entry in found.files.listed}, "the log is no part of the store"
    assert any("keeps the text of" in remark for remark in found.remarks)


def test_folders_of_no_segment_are_told(tmp_path: Path) -> None:
    store = made(tmp_path)
    orphan = store / "0a1b2c3d-0000-4000-8000-000000000000"
    orphan.mkdir()
    (orphan / "data_level0.bin").write_bytes(bytes(500))
    (store / "notes of mine").mkdir()
    held = looked(store).chroma
    assert [(each.name, each.size_bytes, each.files) for each in held.orphaned] == [(orphan.name, 500, 1)]


def test_a_collection_of_each_user(tmp_path: Path) -> None:
    store = made(tmp_path)
    owner = (
        "INSERT INTO collection_metadata (collection_id, key, str_value) SELECT id, 'user_id', '{}' FROM collections"
    )
    changed(store, f"{owner.format('alice')} WHERE name = 'mem0'", f"{owner.format('7')} WHERE name = 'written'")
    found = looked(store)
    assert {each.name: each.user_id for each in found.chroma.collections} == {
        "empty": None,
        "mem0": "alice",
        "written": "7",
    }
    assert [remark for remark in found.remarks if "of one user alone" in remark] == [
        "the collection mem0 is of one user alone, and holds 2 rows of others"
    ]


def test_rows_of_everybody_and_of_no_collection(tmp_path: Path) -> None:
    store = made(tmp_path)
    changed(
        store,
        "UPDATE embedding_metadata SET string_value = '*' WHERE string_value = 'bob'",
        "DELETE FROM segments WHERE collection = (SELECT id FROM collections WHERE name = 'written')",
    )
    found = looked(store)
    assert found.chroma.rows_without_collection == 6
    assert any("'*'" in remark for remark in found.remarks)
    assert len(found.chroma.orphaned) == 1, "the folder of the segment that is no more"


def test_a_newer_version_is_said_to_be_one(tmp_path: Path) -> None:
    store = changed(made(tmp_path), "INSERT INTO migrations VALUES ('sysdb', 11, 'x', 'x', 'x')")
    found = looked(store)
    assert found.chroma.as_of is None
    assert any("further than" in remark for remark in found.remarks)
    assert rows_of(found) == USERS, "what is known of it is told"


def test_a_column_that_is_not_there_loses_nothing_else(tmp_path: Path) -> None:
    store = changed(made(tmp_path), "ALTER TABLE embeddings RENAME COLUMN segment_id TO part_id")
    found = looked(store)
    assert "segment_id" in why_unseen(found)
    assert found.chroma.rows is None
    assert found.chroma.collection_count == 3
    assert all(each.rows is None for each in found.chroma.collections)


@pytest.mark.parametrize(
    ("name", "made_of"),
    [("none", None), ("no database", b"my notes, which are long enough\n" * 9), ("a part", b"SQLite for")],
)
def test_what_is_no_store(tmp_path: Path, name: str, made_of: bytes | None) -> None:
    if made_of is not None:
        (tmp_path / "chroma.sqlite3").write_bytes(made_of)
    if name == "a part":  # the beginning of one: it was cut, and is none that could be read
        assert "cannot" in why_unseen(looked(tmp_path)) or looked(tmp_path).unseen
        return
    with pytest.raises(UsageError) as refused:
        inspect(place_of(tmp_path))
    assert refused.value.hint


def test_a_database_of_another_program(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "chroma.sqlite3")) as other:
        other.execute("CREATE TABLE moz_places (id INTEGER PRIMARY KEY)")
    with pytest.raises(UsageError, match="without Chroma's tables; its own: moz_places"):
        inspect(place_of(tmp_path))


def test_a_store_before_sqlite(tmp_path: Path) -> None:
    (tmp_path / "chroma-embeddings.parquet").write_bytes(b"PAR1")
    with pytest.raises(UsageError, match=r"before 0\.4"):
        place_of(tmp_path)


def test_an_empty_database(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").touch()
    (tmp_path / "chroma.sqlite3-journal").write_bytes(b"x" * 512)
    found = looked(tmp_path)
    assert "it is empty" in why_unseen(found)
    assert found.chroma is None


REMEMBERED: dict[str, Any] = {
    "format": "local-memory-showcase store",
    "version": 1,
    "embed_model": "nomic-embed-text",
    "embed_digest": None,
    "dimensions": 3,
    "layout": "shared",
    "created_at": "2026-11-01T00:00:00+00:00",
}


def test_the_model_that_is_remembered(tmp_path: Path) -> None:
    store = made(tmp_path)
    assert "there is no showcase-store.json" in looked(store).not_remembered
    (store / "mem0_home").mkdir(exist_ok=True)
    (store / "mem0_home" / "showcase-store.json").write_text(json.dumps(REMEMBERED))
    found = looked(store)
    assert (found.remembered.embed_model, found.remembered.dimensions) == ("nomic-embed-text", 3)
    assert any("written holds vectors of 2 dimensions" in remark for remark in found.remarks)


@pytest.mark.parametrize(
    "document",
    [
        b"", b"[]", b"null", b"{", b"\xff\xfe", b'{"format": 1}', b"[" * 60_000, b"1e999", b"NaN", b"x" * 70_000,
        *(
            json.dumps({**REMEMBERED, key: value}).encode()
            for key, value in [
                ("format", "x"), ("version", True), ("version", 2), ("version", "1"), ("embed_model", ""),
                ("embed_model", 5), ("embed_model", "m" * 201), ("dimensions", -1), ("dimensions", 1.5),
                ("dimensions", True), ("dimensions", 10**12), ("layout", "none"), ("layout", []), ("embed_digest", 7),
                ("created_at", None),
            ]
        ),
    ],
)  # fmt: skip
def test_what_is_not_as_this_program_writes_it_is_not_remembered(tmp_path: Path, document: bytes) -> None:
    store = made(tmp_path)
    (store / "mem0_home").mkdir(exist_ok=True)
    (store / "mem0_home" / "showcase-store.json").write_bytes(document)
    found = looked(store)
    assert found.remembered is None
    assert found.not_remembered.startswith("not remembered: showcase-store.json ")


def test_the_names_of_segments_are_those_of_their_folders(tmp_path: Path) -> None:
    store = made(tmp_path)
    held = looked(store).chroma
    told = {each.name: part.id for each in held.collections for part in each.segments if part.scope == "VECTOR"}
    assert told == vectors(store / "chroma.sqlite3")
