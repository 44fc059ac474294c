"""Exports that were made to harm: the line is named, and nothing is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from kept_stores import made, row
from transferring import EVENTS, brought, exported

from showcase.errors import StoreError, UsageError
from showcase.memory import export_file, history, import_file
from showcase.memory.import_file import parse
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from pathlib import Path


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
