"""A row comes out of a store as it went in, and nothing in one is trusted to be of its type."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from kept_stores import OF_TWO, row

from showcase.memory.stored import Stored, digest, from_metadata, moment, own_metadata, to_metadata


@pytest.mark.parametrize("each", OF_TWO, ids=lambda each: each.text)
def test_a_row_comes_back_as_it_was(each: Stored) -> None:
    assert from_metadata(each.memory_id, to_metadata(each)) == each


def test_mem0_finds_the_names_that_it_writes_itself() -> None:
    held = to_metadata(row("I live in Turin"))
    assert {"data", "user_id", "hash", "created_at", "updated_at", "text_lemmatized", "role"} <= held.keys()
    assert held["hash"] == digest("I live in Turin") == "21a192caa4ede0b6479ac52b425507d6"
    assert not [name for name in held if name.startswith("showcase_") and name != "showcase_source"]


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("showcase_source", "somebody", "source", "unknown"),
        ("showcase_source", 7, "source", "unknown"),
        ("showcase_pinned", "yes", "pinned", False),
        ("showcase_pinned", 1, "pinned", False),
        ("showcase_recalled", True, "recalled", 0),
        ("showcase_recalled", -3, "recalled", 0),
        ("showcase_recalled", "3", "recalled", 0),
        ("showcase_kind", "fact", "question", False),
        ("created_at", 17, "created_at", None),
        ("created_at", "", "created_at", None),
        ("data", 5, "text", "5"),
        ("user_id", None, "user_id", None),
    ],
)
def test_what_is_of_another_type_is_none(name: str, value: Any, field: str, expected: Any) -> None:
    assert getattr(from_metadata("id", {"data": "x", "user_id": "alice", name: value}), field) == expected


def test_a_row_of_mem0s_own_says_nothing_of_its_source() -> None:
    assert from_metadata("id", {"data": "x", "user_id": "alice"}).source == "unknown"
    assert own_metadata(source="unknown", question=False) == {}
    assert "showcase_source" not in to_metadata(row("x", source="unknown"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T03:04:05+00:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)),
        ("yesterday", None),
        (None, None),
    ],
)
def test_a_time_without_a_zone_is_in_utc(text: str | None, expected: datetime | None) -> None:
    assert moment(text) == expected
