"""Vectors that were forgotten, the searches that touch their places, and the numbers that tell how many there were."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from erased import carved, copied, erased, rows_of
from kept_stores import everything, made, put, row, vector

from showcase.memory import history, store_files
from showcase.memory.chroma_client import ChromaClient, forget_opened

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.settings.store_place import StorePlace

MANY = 1200
"""More than Chroma's threshold of 1,000, beyond which it writes its index to files."""

GOING = row("my locker code is obsidian-4711")
STAYS = row("I drink tea", "bob")


def numbers(text: str) -> dict[str, bytes]:
    """Return a text's vector in each form, by numpy alone."""
    found = np.array(vector(text), "<f4")
    return {
        "float32 little": found.tobytes(),
        "float32 big": found.astype(">f4").tobytes(),
        "float16 little": found.astype("<f2").tobytes(),
        "float16 big": found.astype(">f2").tobytes(),
        "float64": np.array(vector(text), "<f8").tobytes(),
    }


def many() -> list[Any]:
    return [row(f"fact number {number} of {number * 7919 % 1009}", "bob") for number in range(MANY)] + [GOING]


def answers(place: StorePlace, texts: list[str]) -> list[Any]:
    """Return what Chroma's own search answers, in every collection."""
    found = []
    try:
        with ChromaClient(place) as client:
            for name in sorted(client.names()):
                collection = client.opened().get_collection(name, embedding_function=None)
                found += [
                    collection.query(query_embeddings=[vector(text)], n_results=5, include=["metadatas", "distances"])
                    for text in texts
                ]
    finally:
        forget_opened()
    return [(each["ids"][0], [round(far, 5) for far in each["distances"][0]], each["metadatas"][0]) for each in found]


def test_a_small_stores_vectors_lie_in_its_queue_and_go(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "shared", [GOING, STAYS])
    before = carved(place.root)
    assert numbers(GOING.text)["float32 little"] in before
    _, finding = erased(place, [GOING.memory_id])
    assert finding.status == "upheld", finding.reason
    got = carved(place.root)
    assert [form for form, data in numbers(GOING.text).items() if data in got] == []
    assert numbers(STAYS.text)["float32 little"] in got


def test_an_index_on_disk_holds_no_hole_no_ghost_and_no_vector(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "shared", many())
    put(place, "shared", [row(f"late {number}", "bob") for number in range(5)])
    assert any(path.name == "data_level0.bin" and path.stat().st_size > 100_000 for path in place.root.rglob("*"))
    asked = [GOING.text, "fact number 77 of 76", "late 3", "nothing like it"]
    before = answers(place, asked)
    _, finding = erased(place, [GOING.memory_id])
    assert finding.status == "upheld", finding.reason
    got = carved(place.root)  # first: what searches writes memory of this process into the index
    after = answers(place, asked)
    for old, new in zip(before, after, strict=True):
        assert GOING.memory_id not in new[0]
        assert all(new[2]), "a ghost without metadata"
        assert len(new[0]) == 5, "a hole"
        left = [at for at, each in enumerate(old[0]) if each != GOING.memory_id]
        assert [old[0][at] for at in left] == new[0][: len(left)], "the rank of others changed"
        assert [old[1][at] for at in left] == new[1][: len(left)]
    assert [form for form, data in numbers(GOING.text).items() if data in got] == []
    assert GOING.memory_id.encode() not in got
    assert len(everything(place, "shared")) == MANY + 5


def test_nothing_of_a_process_s_memory_lies_in_a_fresh_index(tmp_path: Path) -> None:
    """hnswlib writes the room that it asked for as it got it, and whoever erases had the id and text there before."""
    place = made(tmp_path / "s", "shared", many())
    small = made(tmp_path / "t", "shared", [GOING, STAYS])
    for each in (place, small):
        _, finding = erased(each, [GOING.memory_id])
        assert finding.status == "upheld", finding.reason
        headers = list(each.chroma.rglob("header.bin"))
        assert headers
        for header in headers:
            elements, bytes_each = store_files._HEADER.unpack_from(header.read_bytes())[3:5]
            level = header.with_name("data_level0.bin").read_bytes()
            assert not level[elements * bytes_each :].strip(b"\0")
            assert not header.with_name("length.bin").read_bytes().strip(b"\0")
            assert elements == 0 or store_files._flaw_of(header.parent) is None


def test_verifying_writes_nothing_to_the_store(tmp_path: Path) -> None:
    """What reads with Chroma writes its memory into the index, and whoever verifies was told what to look for."""
    place = made(tmp_path / "s", "shared", [GOING, STAYS])
    done, finding = erased(place, [GOING.memory_id])
    assert finding.status == "upheld"
    now = {str(path.relative_to(place.root)): path.stat().st_mtime_ns for path in place.root.rglob("*.bin")}
    assert done.unchanged_since is True
    assert now
    for each in done.verified.files:
        path = place.root / each.path
        if each.kind in {"index of vectors", "Chroma's database"}:
            assert path.stat().st_size == each.size_bytes
            assert __import__("hashlib").sha256(path.read_bytes()).hexdigest() == each.sha256


def test_no_count_and_no_number_tells_that_something_was_there(tmp_path: Path) -> None:
    others = [row("I drink tea", "bob"), row("I live in Turin"), row("the sea is near", "bob")]
    place = made(tmp_path / "s", "shared", [others[0], GOING, others[1], row("another one that goes"), others[2]])
    gone = [GOING.memory_id, row("another one that goes").memory_id]
    for each in (*others, GOING):
        event = history.HistoryEvent(id=each.memory_id, memory_id=each.memory_id, new_memory=each.text, event="ADD")
        history.keep(place, [event])
    bare = made(tmp_path / "bare", "shared", others)
    done, finding = erased(place, gone)
    assert finding.status == "upheld", finding.reason
    assert done.events_removed == 1
    queries = (
        "SELECT id, seq_id FROM embeddings ORDER BY id",
        "SELECT embedding_id FROM embeddings ORDER BY id",
        "SELECT seq_id, id FROM embeddings_queue ORDER BY seq_id",
        "SELECT max(rowid), count(*) FROM embedding_metadata",
        "SELECT max(rowid), count(*) FROM embedding_fulltext_search",
        "SELECT seq_id FROM max_seq_id",
    )
    database = "chroma.sqlite3"
    for query in queries:
        ours, theirs = (rows_of(each.chroma / database, query) for each in (place, bare))
        assert ours == theirs, query
    told = rows_of(place.home / "history.db", "SELECT rowid FROM history ORDER BY rowid")
    assert told == [(1,), (2,), (3,)], "no gap"
    for path in (place.chroma / database, place.home / "history.db"):
        assert rows_of(path, "PRAGMA freelist_count") == [(0,)]
    assert not list(place.root.rglob("*-wal"))
    assert not list(place.root.rglob("*-journal"))


@pytest.mark.parametrize("kind", ["blob elsewhere", "half of it", "int8"])
def test_a_vector_in_another_file_is_found(tmp_path: Path, kind: str) -> None:
    text = "a vector of many numbers"
    place = made(tmp_path / "s", "shared", [GOING, STAYS])
    del text
    held = np.array(vector(GOING.text), "<f4")
    path = place.home / "cache.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE cache (held BLOB)")
        whole = held.tobytes() if kind != "int8" else np.rint(held / np.abs(held).max() * 127).astype("i1").tobytes()
        database.execute("INSERT INTO cache VALUES (?)", (b"\1" * 7 + whole + b"\2" * 9,))
    done, finding = erased(place, [GOING.memory_id])
    if kind == "int8":  # eight numbers in int8 are eight bytes: not looked for, as vectors of so few are not in use
        assert "int8" not in done.verified.patterns
        return
    assert finding.status == "broken"
    assert "cache.db" in finding.reason


def test_a_copy_beside_it_is_no_part_of_the_look_and_that_is_said(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "shared", [GOING, STAYS])
    copied(place, place.root / "backup")
    _, finding = erased(place, [GOING.memory_id])
    assert any("other directories beside the store: not looked into: backup" in each for each in finding.limits)
    _, finding = erased(place, [], everything=True, also=(place.root / "backup",))
    assert finding.status in {"broken", "inconclusive"}
