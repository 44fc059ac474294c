"""An export comes back as it went, into any layout; a file that is not to be trusted writes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from kept_stores import LAYOUTS, MODEL, OF_TWO, everything, made, row, vector
from transferring import EVENTS, brought, exported, silent

from showcase.errors import StoreError, UsageError
from showcase.evidence import Model
from showcase.memory import history, importing
from showcase.memory.backends.opening import look
from showcase.memory.collections import Collections
from showcase.memory.import_file import parse
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.memory.store_record import Layout


@pytest.mark.parametrize("after", LAYOUTS)
@pytest.mark.parametrize("before", LAYOUTS)
def test_nothing_is_lost_on_the_way(tmp_path: Path, before: Layout, after: Layout) -> None:
    place, new = made(tmp_path / "s", before), store_place(tmp_path / "new")
    history.keep(place, EVENTS)
    plan = brought(exported(place), new, after)
    assert (len(plan.new), plan.same, plan.embeds) == (4, 0, "")
    assert everything(new, after) == everything(place, before), "ids, times, metadata, and vectors to the last bit"
    assert history.events(new, [OF_TWO[0].memory_id]) == {OF_TWO[0].memory_id: EVENTS}
    record = look(new).record
    assert record is not None
    assert (record.embed_model, record.dimensions, record.layout) == (MODEL, 8, after)
    with Collections(new, after) as rows:
        assert list(rows.rows("alice")) == list(OF_TWO[:3])


def test_a_second_time_nothing_is_written(tmp_path: Path) -> None:
    place, new = made(tmp_path / "s"), store_place(tmp_path / "new")
    data = exported(place)
    brought(data, new)
    with Collections(new, "shared") as rows:
        rows.note("alice", {OF_TWO[0].memory_id: {"showcase_recalled": 5}})
    plan = brought(data, new)
    assert (plan.rows, plan.same) == ((), 4)
    with Collections(new, "shared") as rows:
        assert rows.row("alice", OF_TWO[0].memory_id).recalled == 5, "what use left on it stays"


def test_one_users_rows_alone_go_out(tmp_path: Path) -> None:
    lines = exported(made(tmp_path / "s"), "bob").splitlines()
    assert json.loads(lines[0])["rows"] == len(lines) - 1 == 1
    assert json.loads(lines[1])["user_id"] == "bob"


def test_what_was_written_by_an_unknown_hand_is_imported_and_what_says_its_own_keeps_it(tmp_path: Path) -> None:
    place = made(tmp_path / "s", rows=[row("a", source="unknown"), row("b", source="extracted")])
    brought(exported(place), store_place(tmp_path / "new"))
    found = everything(store_place(tmp_path / "new"), "shared").values()
    assert sorted((each.text, each.source) for each, _ in found) == [("a", "imported"), ("b", "extracted")]


def test_text_that_would_steer_a_terminal_or_looks_like_json_comes_back_as_it_was(tmp_path: Path) -> None:
    odd = ["\x1b[31mred\x1b[0m", "two\nlines\r\n", "right\u202eto left", '{"text": "x"}', "a\u2028b\u2029", "😀" * 2000]
    place, new = made(tmp_path / "s", rows=[row(text) for text in odd]), store_place(tmp_path / "new")
    data = exported(place)
    assert data.count(b"\n") == len(odd) + 1
    assert b"\x1b" not in data
    brought(data, new)
    assert [each.text for each, _ in everything(new, "shared").values()] == odd


def test_vectors_of_another_model_are_not_taken(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    data = exported(place)
    for name, changed in {
        "other": data.replace(MODEL.encode(), b"other-model"),
        "none": exported(place, vectors=False),
        "unsaid": data.replace(f'"{MODEL}"'.encode(), b"null"),
    }.items():
        there = made(tmp_path / name, rows=[row("is there")])
        plan = brought(changed, there)
        assert plan.embeds, name
        assert len(everything(there, "shared")) == 1


def test_vectors_made_anew_are_those_of_the_stores_model(tmp_path: Path) -> None:
    data = exported(made(tmp_path / "s"), vectors=False)
    place = made(tmp_path / "there", "per-user", [row("is there")])
    header, incoming = parse(data, name="file")
    with Collections(place, "per-user") as rows:
        plan = importing.plan(look(place), rows, header, incoming, name="file", replaces=False)
        plan = importing.with_vectors(plan, lambda texts: [vector(text) for text in texts], silent)
        stranger = Model(name="other", digest=None, dimensions=8, remote=False)
        with pytest.raises(StoreError, match="made with the embedding model"):
            importing.apply(look(place), rows, plan, stranger, silent)
        own = Model(name=MODEL, digest=None, dimensions=8, remote=False)
        importing.apply(look(place), rows, plan, own, silent)
    after = everything(place, "per-user")
    assert len(after) == 5
    for each, numbers in after.values():
        assert numbers == pytest.approx(vector(each.text), abs=1e-6)


def test_an_id_with_another_content_is_refused_until_it_is_to_be_replaced(tmp_path: Path) -> None:
    place, there = made(tmp_path / "s"), made(tmp_path / "there", rows=[row("other", memory_id=OF_TWO[1].memory_id)])
    data = exported(place)
    held = everything(there, "shared")
    with pytest.raises(UsageError, match=r"line 3: the memory .* is there with another content") as refused:
        brought(data, there)
    assert "--replace" in refused.value.hint
    assert everything(there, "shared") == held
    assert len(brought(data, there, replaces=True).replaced) == 1
    assert everything(there, "shared").keys() == {each.memory_id for each in OF_TWO}
    assert everything(there, "shared")[OF_TWO[1].memory_id][0] == OF_TWO[1]


@pytest.mark.parametrize("replaces", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_nobodys_row_is_taken_by_another_user(tmp_path: Path, layout: Layout, replaces: bool) -> None:
    place = made(tmp_path / "s", rows=[row("mine")])
    there = made(tmp_path / "there", layout, [row("hers", "carol", memory_id=row("mine").memory_id)])
    with pytest.raises(UsageError, match=r"line 2: the id .* is that of a memory of carol"):
        brought(exported(place), there, replaces=replaces)
    assert [each.text for each, _ in everything(there, layout).values()] == ["hers"]


@pytest.mark.parametrize("user_id", ["ALICE", "Alice"])
def test_a_new_user_who_cannot_be_told_from_one_who_is_there_is_refused(tmp_path: Path, user_id: str) -> None:
    there = made(tmp_path / "there")
    place = made(tmp_path / "s", rows=[row("x", "zoe"), row("y", user_id)])
    with pytest.raises(UsageError, match=r"line 3: .*cannot be told from 'alice'"):
        brought(exported(place), there)
    assert len(everything(there, "shared")) == len(OF_TWO)


def test_two_users_of_one_file_who_cannot_be_told_apart_are_refused(tmp_path: Path) -> None:
    place = made(tmp_path / "s", rows=[row("x", "zoe"), row("y", "Zoe")])
    with pytest.raises(UsageError, match=r"line 3: .*cannot be told from 'zoe'"):
        brought(exported(place), store_place(tmp_path / "new"))
    assert not (tmp_path / "new").exists()
