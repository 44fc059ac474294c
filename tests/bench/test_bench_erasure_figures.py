"""Figures of `bench erasure`, by planted findings: whoever leaves something is shown to, in the right column."""

from __future__ import annotations

from dataclasses import replace

import pytest

from showcase.bench.erasure import figures
from showcase.bench.erasure.left import InFile, Left
from showcase.bench.erasure.measurement import Erased, check
from showcase.bench.erasure.scaling import PARTS, Scale
from showcase.errors import UsageError

FOUND = (
    InFile(path="chroma/chroma.sqlite3", what="text", forms=("UTF-8",), through=("rows", "bytes")),
    InFile(path="chroma/chroma.sqlite3-wal", what="text", forms=("UTF-8",), through=("bytes",)),
    InFile(path="chroma/chroma.sqlite3", what="id", forms=("id",), through=("full-text index", "bytes")),
    InFile(path="chroma/5f/data_level0.bin", what="vector", forms=("float32 LE",), through=("bytes",)),
    InFile(path="chroma/5f/index_metadata.pickle", what="id", forms=("id",), through=("bytes",)),
    InFile(path="home/history.db", what="text", forms=("UTF-16 LE",), through=("bytes",)),
    InFile(path="home/migrations_qdrant", what="id", forms=("id",), through=("bytes",)),
)
LEFT = Left(
    way="mem0 delete", rows=50, forgotten=4, seconds=2.0, outcome="found", why="", found=FOUND,
    whole={"text": 1, "vector": 2, "id": 3}, store_bytes=3 * 2**20,
    by_tools={"strings": 0, "foremost": "not installed"},
)  # fmt: skip
SCALE = Scale(
    rows=20, forgotten=2, patterns=80, store_bytes=2**20, seconds=dict.fromkeys(PARTS, 1.0), left=0, certified="upheld"
)


def test_what_was_found_stands_under_the_file_it_was_found_in() -> None:
    found = figures.sections([LEFT], [])[0].tables[0].rows[0].cells
    said = {key: found[key].value for key in ("database", "index", "history", "elsewhere")}
    assert said == {"database": "(T) I", "index": "V I", "history": "T", "elsewhere": "I"}
    whole = {key: (found[key].value, found[key].of) for key in ("text", "vector", "id")}
    assert whole == {"text": (1, 4), "vector": (2, 4), "id": (3, 4)}
    assert (found["store"].value, found["outcome"].value) == (3.0, "found")


def test_what_a_blind_scanner_did_not_find_is_no_nothing() -> None:
    blind = replace(LEFT, outcome="inconclusive", why="a control was missed", found=())
    found = figures.sections([blind], [])[0].tables[0].rows[0].cells
    assert (found["outcome"].value, found["outcome"].note) == ("inconclusive", "a control was missed")
    for key in ("database", "index", "history", "elsewhere", "text", "vector", "id"):
        assert (found[key].value, found[key].of) == (None, 0), key


def test_a_program_that_is_not_there_found_not_nothing() -> None:
    found = figures.sections([LEFT, replace(LEFT, by_tools=None)], [])[0].tables[-1].rows
    assert len(found) == 1, "where none was asked for there is no row"
    assert (found[0].cells["strings"].value, found[0].cells["strings"].of) == (0, 4)
    assert (found[0].cells["foremost"].value, found[0].cells["foremost"].note) == (None, "not installed")


def test_each_size_has_its_table_and_a_slow_way_its_line() -> None:
    large = replace(LEFT, rows=2000, seconds=40.0)
    slow = [replace(large, way="ours", seconds=99.0), replace(LEFT, way="ours", seconds=9.0)]
    section = figures.sections([large, LEFT, *slow, replace(LEFT, way="nothing deleted", seconds=0.0)], [])[0]
    sizes = {table.key: [row.arm for row in table.rows] for table in section.tables if table.key.startswith("left")}
    assert sizes == {"left-2000": ["mem0 delete", "ours"], "left-50": ["mem0 delete", "ours", "nothing deleted"]}
    assert {each.arm: [(at.x, at.y) for at in each.points] for each in section.plots[0].series} == {
        "mem0 delete": [(50, 2.0), (2000, 40.0)],
        "ours": [(50, 9.0), (2000, 99.0)],
    }
    assert not figures.sections([LEFT], [])[0].plots, "one size is no line"


def test_a_part_that_grows_is_told_against_the_smaller_store_whatever_was_taken_first() -> None:
    large = replace(SCALE, rows=200, seconds=dict.fromkeys(PARTS, 5.0))
    rows = figures.sections([], [large, SCALE])[1].tables[0].rows
    assert [row.group for row in rows] == ["20 rows", "200 rows"]
    assert [row.cells["scan"].note for row in rows] == ["", "5.0 times the line above"]


def test_a_sample_is_one_of_the_two() -> None:
    assert (Erased(left=LEFT).scale, Erased(scale=SCALE).left) == (None, None)
    for rows, sizes in (((50, 50), ()), ((50,), (20, 20)), ((50,), (9,))):
        with pytest.raises(UsageError):
            check(rows, sizes)
    check((50, 60), (10, 20))
