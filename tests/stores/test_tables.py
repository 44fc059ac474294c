"""What every table keeps to, on the engine itself."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tables import DIMENSIONS, HOSTILE, KINDS, all_of, by_id, made, server_of, table_of, unit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.stores.interface import Table

MODULES = {
    "chroma": "chroma_server",
    "postgresql": "pgvector",
    "redis": "redis_stack",
    "milvus": "milvus",
    "qdrant": "qdrant",
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def table(
    kind: str, request: pytest.FixtureRequest, collection: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Table]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    opened = table_of(server_of(kind, request), collection)
    opened.make(DIMENSIONS)
    yield opened
    opened.drop()
    opened.close()


def test_a_collection_comes_and_goes(table: Table) -> None:
    assert table.exists()
    table.put([made({"user_id": "alice", "data": "a"})])
    table.make(DIMENSIONS)
    assert len(all_of(table, None)) == 1, "made again, it keeps its rows"
    table.drop()
    assert not table.exists()
    assert table.dimensions() is None
    assert table.mark() is None
    table.drop()
    table.make(DIMENSIONS)
    assert table.exists()
    assert all_of(table, None) == []


def test_a_closed_table_connects_again(table: Table) -> None:
    table.put([made({"user_id": "alice", "data": "a"})])
    table.close()
    table.close()
    assert len(all_of(table, "alice")) == 1


def test_dimensions_are_those_of_the_vectors(table: Table) -> None:
    table.put([made({"user_id": "alice", "data": "a"})])
    assert table.dimensions() == DIMENSIONS


def test_the_version_names_the_engine_and_a_number(table: Table, kind: str) -> None:
    names = {"chroma": "Chroma", "postgresql": "PostgreSQL", "redis": "Redis", "milvus": "Milvus", "qdrant": "Qdrant"}
    assert names[kind] in table.version()
    assert any(character.isdigit() for character in table.version())


def test_a_mark_stays_as_it_was_written(table: Table) -> None:
    assert table.mark() is None
    text = json.dumps({"format": 'a "quoted" word', "model": "é" * 300, "n": 1})
    assert table.set_mark(text)
    assert table.mark() == text
    assert table.set_mark("{}")
    assert table.mark() == "{}", "nothing of a longer one is left"
    table.close()
    assert table.mark() == "{}"


PAYLOADS: tuple[dict[str, Any], ...] = (
    {},
    {"data": "no user"},
    {"user_id": "alice"},
    {"user_id": "alice", "data": "", "hash": "", "created_at": "", "updated_at": ""},
    {"user_id": "alice", "data": None, "none": None, "yes": True, "no": False, "zero": 0, "half": 0.5, "one": 1.0},
    {"user_id": "alice", "large": 2**63 - 1, "small": -(2**63), "minus": -0.0, "tiny": 1e-300},
    {"user_id": "alice", "nested": {"a": [1, None, {"b": []}], "": {}}, "empty": {}, "none": []},
    {"user_id": "alice", "texts": ["a", "b"], "numbers": [1, 2], "mixed": [1, "a", None, True], "floats": [1.0, 2.5]},
    {"user_id": "alice", "data": "```json\n{}\n``` `x`", "note": "```json\n[1]\n```", "# a": 1, "$b": 2, "c.d": 3},
    {"user_id": "alice", "data": "caf\u00e9 cafe\u0301 \U0001f600 \u2028\t\n\\ \" '", "created_at": "not a time"},
    {
        "user_id": "alice",
        "data": "I keep bees",
        "hash": "d41d8cd98f00b204e9800998ecf8427e",
        "created_at": "2026-11-28T12:00:00.123456+00:00",
        "updated_at": "2026-11-28T13:00:00.654321+00:00",
        "text_lemmatized": "i keep bee",
        "role": "user",
        "agent_id": "a",
        "run_id": "r",
        "showcase_pinned": True,
    },
    {"user_id": "alice", "created_at": "2026-11-28T12:00:00+02:00", "updated_at": "1969-12-31T23:59:59.5+00:00"},
    {"user_id": 5, "data": "of a number"},
    {"user_id": None, "data": "of nobody"},
    {"user_id": True},
    {"user_id": ["alice", "bob"], "data": "of a list"},
    {"user_id": "alice", "data": 5, "hash": 7, "created_at": 9, "showcase_whole": "x", "showcase_absent": "data"},
)


def test_what_lies_beside_a_row_comes_back_as_it_was(table: Table) -> None:
    rows = [made(beside) for beside in PAYLOADS]
    table.put(rows)
    found = by_id(all_of(table, None))
    for row in rows:
        assert found[row.memory_id] == row.beside
        kinds = {name: type(value) for name, value in row.beside.items()}
        assert {name: type(value) for name, value in found[row.memory_id].items()} == kinds
    assert by_id(table.get([row.memory_id for row in rows])) == found
    texts = [row.memory_id for row in rows if row.beside.get("user_id") == "alice"]
    assert by_id(all_of(table, "alice")).keys() == set(texts)


def test_a_row_that_is_there_is_replaced_whole(table: Table) -> None:
    first = made({"user_id": "alice", "data": "a", "gone": 1, "nested": {"gone": 1}, "updated_at": "2026-11-28"})
    other = made({"user_id": "alice", "data": "other"})
    table.put([first, other])
    table.put([made({"user_id": "bob", "data": "b"}, (0.0, 1.0, 0.0), first.memory_id)])
    (found,) = table.get([first.memory_id], vectors=True)
    assert found.beside == {"user_id": "bob", "data": "b"}
    assert found.vector == (0.0, 1.0, 0.0)
    assert by_id(all_of(table, "alice")) == by_id([other])
    table.put([made({}, (0.0, 1.0, 0.0), first.memory_id)])
    assert table.get([first.memory_id])[0].beside == {}


def test_only_rows_that_are_there_are_got_and_deleted(table: Table) -> None:
    rows = [made({"user_id": "alice", "data": str(number)}) for number in range(3)]
    table.put(rows)
    nobodys = "00000000-0000-4000-8000-000000000000"
    assert table.get([]) == []
    assert table.get([nobodys, "no id at all", ""]) == []
    assert by_id(table.get([rows[0].memory_id, nobodys])) == by_id(rows[:1])
    table.delete([])
    table.delete([nobodys, "no id at all"])
    table.delete([rows[0].memory_id, nobodys])
    assert by_id(all_of(table, "alice")) == by_id(rows[1:])
    assert table.get([rows[0].memory_id]) == []


def test_users_are_told_apart_exactly(table: Table) -> None:
    rows = {user: made({"user_id": user, "data": f"of {number}"}) for number, user in enumerate(HOSTILE)}
    strangers = [made({"data": "nobody's"}), made({"user_id": 5}), made({"user_id": True}), made({"user_id": None})]
    strangers.append(made({"user_id": ["alice", "*", ""]}))
    table.put([*rows.values(), *strangers])
    for user, row in rows.items():
        assert by_id(all_of(table, user)) == by_id([row]), repr(user)
        assert by_id([found for found, _ in table.nearest(user, (1.0, 0.0, 0.0), 50)]) == by_id([row]), repr(user)
    assert all_of(table, "nobody") == []
    assert table.nearest("nobody", (1.0, 0.0, 0.0), 5) == []
    assert len(all_of(table, None)) == len(rows) + len(strangers)


def test_the_nearest_have_their_cosines_in_order(table: Table) -> None:
    numbers = np.random.default_rng(7).normal(size=(40, DIMENSIONS))
    vectors = [unit(*each) for each in numbers]
    rows = [made({"user_id": "alice", "data": str(n)}, vector) for n, vector in enumerate(vectors)]
    table.put([*rows, *(made({"user_id": "bob", "data": "b"}, vector) for vector in vectors)])
    for question in (unit(1, 2, 3), unit(-1, 0.2, 0), (1.0, 0.0, 0.0)):
        cosines = np.asarray(vectors) @ np.asarray(question)
        assert cosines.min() < -0.5, "some lie on the other side"
        order = [rows[n].memory_id for n in np.argsort(-cosines)]
        for at_most in (1, 5, 40, 100):
            found = table.nearest("alice", question, at_most)
            assert [row.memory_id for row, _ in found] == order[:at_most]
            assert [cosine for _, cosine in found] == pytest.approx(sorted(cosines, reverse=True)[:at_most], abs=2e-6)


def test_vectors_come_back_in_single_precision(table: Table) -> None:
    vectors = [unit(*each) for each in np.random.default_rng(3).normal(size=(20, DIMENSIONS))]
    rows = [made({"user_id": "alice"}, vector) for vector in vectors]
    table.put(rows)
    found = {row.memory_id: row.vector for row in all_of(table, "alice", vectors=True)}
    for row in rows:
        assert found[row.memory_id] == pytest.approx(row.vector, abs=1e-6)
    assert {row.memory_id: row.vector for row in table.get(list(found), vectors=True)} == found
    assert all(row.vector is None for row in all_of(table, "alice"))


@pytest.mark.parametrize("many", [0, 1, 9, 10, 11, 20, 21])
def test_pages_hold_each_row_once(table: Table, kind: str, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module(f"showcase.stores.{MODULES[kind]}"), "_PIECE", 10)
    mine = [made({"user_id": "alice", "data": str(number)}) for number in range(many)]
    others = [made({"user_id": "bob", "data": str(number)}) for number in range(7)]
    table.put([row for pair in zip(mine, others, strict=False) for row in pair] + mine[7:] + others[many:])
    for user, rows in (("alice", mine), ("bob", others), (None, mine + others)):
        found = [row.memory_id for row in all_of(table, user)]
        assert len(found) == len(rows)
        assert set(found) == {row.memory_id for row in rows}
        assert found == [row.memory_id for row in all_of(table, user)], "in the same order"
        assert all(len(page) <= 10 for page in table.pages(user))
    table.delete([row.memory_id for row in mine])
    assert by_id(all_of(table, None)) == by_id(others)


def test_no_page_loses_a_row_where_others_are_taken_out(
    table: Table, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module(f"showcase.stores.{MODULES[kind]}"), "_PIECE", 10)
    rows = [made({"user_id": "alice", "data": str(number)}) for number in range(60)]
    table.put(rows)
    pages = table.pages("alice")
    seen = [row.memory_id for page in (next(pages), next(pages)) for row in page]
    table.delete(seen)
    rest = [row.memory_id for page in pages for row in page]
    assert sorted(seen + rest) == sorted(row.memory_id for row in rows)


@pytest.mark.parametrize("kind", ["chroma", "postgresql", "redis", "milvus"], indirect=True)
def test_thousands_of_rows_come_back(table: Table) -> None:
    rows = [made({"user_id": f"user {number % 2}", "data": str(number)}) for number in range(2001)]
    table.put(rows)
    assert by_id(all_of(table, None)) == by_id(rows)
    assert by_id(all_of(table, "user 1")) == by_id(rows[1::2])
    assert by_id(table.get([row.memory_id for row in rows])) == by_id(rows)
    table.delete([row.memory_id for row in rows[1:]])
    assert by_id(all_of(table, None)) == by_id(rows[:1])
