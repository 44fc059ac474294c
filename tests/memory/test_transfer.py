"""An export comes back as it went, into any layout; a file that is not to be trusted writes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from kept_stores import LAYOUTS, MODEL, OF_TWO, everything, made, row, vector

from showcase.errors import StoreError, UsageError
from showcase.evidence import Model
from showcase.memory import export_file, history, import_file, importing
from showcase.memory.backends.opening import look
from showcase.memory.collections import Collections
from showcase.memory.export_file import dump
from showcase.memory.history import HistoryEvent
from showcase.memory.import_file import parse
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.memory.importing import Plan
    from showcase.memory.store_record import Layout
    from showcase.settings.store_place import StorePlace

EVENTS = (
    HistoryEvent(id="e1", memory_id=OF_TWO[0].memory_id, new_memory="I live in Turn", event="ADD", role="user"),
    HistoryEvent(
        id="e2", memory_id=OF_TWO[0].memory_id, old_memory="I live in Turn", new_memory="I live in Turin",
        event="UPDATE", created_at="2026-01-02T03:04:05+00:00", updated_at="2026-01-03T03:04:05+00:00",
    ),
)  # fmt: skip


def silent(*_: int) -> None:
    pass


def exported(place: StorePlace, user_id: str | None = None, *, vectors: bool = True) -> bytes:
    kept = look(place)
    with Collections(place, kept.layout) as rows:
        return dump(kept, rows, user_id=user_id, vectors=vectors, progress=silent)[1]


def brought(data: bytes, place: StorePlace, layout: Layout | None = None, *, replaces: bool = False) -> Plan:
    header, incoming = parse(data, name="file")
    kept = look(place, layout)
    with Collections(place, kept.layout) as rows:
        made_ = importing.plan(kept, rows, header, incoming, name="file", replaces=replaces)
        if made_.rows and not made_.embeds:
            importing.apply(kept, rows, made_, None, silent)
    return made_


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


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "everybody": ({"user_id": "*"}, "reads? '\\*' as everybody"),
    "no user": ({"user_id": None}, "'user_id' is not a text"),
    "empty user": ({"user_id": ""}, "it is empty"),
    "bidi user": ({"user_id": "ali\u202ece"}, "which nobody sees"),
    "long user": ({"user_id": "a" * 65}, "65 characters"),
    "id of a path": ({"memory_id": "../../x"}, "'memory_id' is no id"),
    "id that steers": ({"memory_id": "x\x1b[2J"}, "'memory_id' is no id"),
    "empty id": ({"memory_id": ""}, "'memory_id' is no id"),
    "id as a number": ({"memory_id": 5}, "'memory_id' is not a text"),
    "no text": ({"text": "  "}, "'text' is empty"),
    "text with NUL": ({"text": "a\0b"}, "'text' holds what is no text"),
    "half a character": ({"text": "a\ud800"}, "'text' holds what is no text"),
    "text as a list": ({"text": ["x"]}, "'text' is not a text"),
    "nested metadata": ({"metadata": {"x": {"y": 1}}}, "'x' in 'metadata' is neither"),
    "metadata of a list": ({"metadata": {"x": [1]}}, "'x' in 'metadata' is neither"),
    "null in metadata": ({"metadata": {"x": None}}, "'x' in 'metadata' is neither"),
    "metadata as a list": ({"metadata": []}, "'metadata' is not an object"),
    "a number beyond": ({"metadata": {"x": 1 << 63}}, "64 bits"),
    "a user smuggled in": ({"metadata": {"user_id": "bob"}}, "'metadata' has the name 'user_id'"),
    "a text smuggled in": ({"metadata": {"data": "other"}}, "'metadata' has the name 'data'"),
    "a pin smuggled in": ({"metadata": {"showcase_pinned": True}}, "'metadata' has the name 'showcase_pinned'"),
    "a name of Chroma": ({"metadata": {"chroma:document": "x"}}, "'metadata' has the name 'chroma:document'"),
    "a name that steers": ({"metadata": {"\x1b[2J": "x"}}, "'metadata' has the name"),
    "many names": ({"metadata": {f"n{n}": 1 for n in range(65)}}, "more than 64 names"),
    "a source of its own": ({"source": "root"}, "'source' is not"),
    "pinned by a word": ({"pinned": "yes"}, "'pinned' is not true or false"),
    "recalled by a word": ({"recalled": True}, "'recalled' is not a whole number"),
    "recalled below 0": ({"recalled": -1}, "'recalled' is below 0"),
    "no time": ({"created_at": "yesterday"}, "'created_at' is no time"),
    "an odd field": ({"odd": 1}, "'odd', which is not known"),
    "a short vector": ({"vector": [1.0]}, "'vector' has 1 numbers"),
    "a long one": ({"vector": [1.0] * 8}, "'vector' has length 2.83"),
    "no numbers": ({"vector": ["1"] * 8}, "'vector' holds what is no number"),
    "true for a number": ({"vector": [True] + [0.0] * 7}, "'vector' holds what is no number"),
    "a history of numbers": ({"history": [1]}, "no event"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_row_keeps_out_all_and_its_line_is_named(tmp_path: Path, case: str) -> None:
    change, says = HOSTILE[case]
    lines = exported(made(tmp_path / "s")).splitlines()
    lines[3] = json.dumps({**json.loads(lines[3]), **change}).encode()
    with pytest.raises(UsageError, match=f"^file, line 4: .*{says}") as refused:
        brought(b"\n".join(lines), store_place(tmp_path / "new"))
    assert "nothing was written" in refused.value.hint
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"memory_id": "another"}, "of another memory"),
        ({"event": "DROP"}, "neither ADD, UPDATE nor DELETE"),
        ({"is_deleted": "no"}, "'is_deleted' is not a whole number"),
        ({"odd": 1}, "'odd', which is not known"),
        ({"new_memory": "a\0"}, "'new_memory' holds what is no text"),
        ({"id": "../x"}, "its id is none"),
    ],
)
def test_a_hostile_event_of_the_history_is_refused(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    place = made(tmp_path / "s")
    history.keep(place, EVENTS)
    lines = exported(place).splitlines()
    held = json.loads(lines[1])
    held["history"][1] |= change
    lines[1] = json.dumps(held).encode()
    with pytest.raises(UsageError, match=f"line 2: .*{says}"):
        parse(b"\n".join(lines), name="file")


HEADERS: dict[str, tuple[dict[str, Any], str]] = {
    "another format": ({"format": "x"}, "not the first line of an export"),
    "another version": ({"version": 2}, "of version 2, known here is 1"),
    "too few rows": ({"rows": 3}, "not whole: .* 3 memories, and 4 follow"),
    "too many": ({"rows": 5}, "not whole"),
    "far too many": ({"rows": 10**9}, "more or less than can be"),
    "below none": ({"rows": -1}, "more or less than can be"),
    "rows by a word": ({"rows": True}, "'rows' is not a whole number"),
    "no dimensions": ({"dimensions": 0}, "more or less than can be"),
    "a layout of its own": ({"layout": "x"}, "'layout' is not"),
    "an odd field": ({"odd": 1}, "'odd', which is not known"),
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_header_that_is_not_one_is_refused(tmp_path: Path, case: str) -> None:
    change, says = HEADERS[case]
    lines = exported(made(tmp_path / "s")).splitlines()
    lines[0] = json.dumps({**json.loads(lines[0]), **change}).encode()
    with pytest.raises(UsageError, match=says):
        parse(b"\n".join(lines), name="file")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"\0" * 100, "line 1: .*no text at all"),
        (b"\x1f\x8b" + b"x" * 50, "compressed with gzip"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"[]\n", "it is no object"),
        (b"SQLite format 3\0", "no JSON"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_export_is_said_to_be_none(data: bytes, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse(data, name="file")


def test_a_file_that_was_cut_is_refused_wherever_it_was_cut(tmp_path: Path) -> None:
    data = exported(made(tmp_path / "s"))
    for length in [*range(1, 200, 13), *range(200, len(data) - 1, 97)]:
        with pytest.raises(UsageError):
            parse(data[:length], name="file")
    parse(data[:-1], name="file")  # the end of its last line alone is missing
    parse(data.replace(b"\n", b"\r\n"), name="file")


def test_an_id_that_is_there_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    lines = exported(made(tmp_path / "s")).splitlines()
    lines[3] = lines[1]
    with pytest.raises(UsageError, match="line 4: its id is that of line 2"):
        parse(b"\n".join(lines), name="file")


def test_a_line_without_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = exported(made(tmp_path / "s"))
    monkeypatch.setattr(import_file, "LONGEST_LINE", 100)
    with pytest.raises(UsageError, match=r"line 1: it has .* bytes, at most 100"):
        parse(data, name="file")
    monkeypatch.setattr(export_file, "LONGEST_LINE", 100)
    with pytest.raises(StoreError, match="cannot be exported"):
        exported(made(tmp_path / "t"))


def test_what_json_cannot_say_is_not_exported_in_half() -> None:
    with pytest.raises(StoreError, match="cannot be exported"):
        export_file._line(row("x", metadata={"score": float("nan")}), (), None)
    with pytest.raises(StoreError, match="its vector holds what is no number"):
        export_file._line(row("x"), (), (float("inf"), 0.0))
