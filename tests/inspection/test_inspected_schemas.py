"""Schemas, configurations and pages that were made to be looked at: nothing of them is run, and none breaks a look."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest
from inspected_stores import changed, looked, made, rows_of, snapshot, why_unseen

from showcase.errors import ShowcaseError
from showcase.inspection.look import inspect, place_of

if TYPE_CHECKING:
    from pathlib import Path

USERS = {"7": 6, "alice": 3, "bob": 1, None: 1}


class TestWhatASchemaSays:
    def test_a_view_in_place_of_a_table_is_not_asked(self, tmp_path: Path) -> None:
        endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n AS id, 'x' AS name FROM r"
        store = changed(
            made(tmp_path),
            "PRAGMA foreign_keys = OFF",
            "DROP TABLE collections",
            f"CREATE VIEW collections AS {endless}",
        )
        found = looked(store)
        assert "collections: it has no table collections" in why_unseen(found)
        assert "view collections" in found.chroma.strange
        assert rows_of(found) == USERS

    @pytest.mark.parametrize(
        "name", ["collections", "segments", "embeddings", "embedding_metadata", "embeddings_queue"]
    )
    def test_a_schema_that_says_table_and_means_view(self, tmp_path: Path, name: str) -> None:
        view = f"CREATE VIEW {name} AS SELECT randomblob(1000000000) AS id, zeroblob(1000000000) AS name"
        store = changed(made(tmp_path), "PRAGMA foreign_keys = OFF", f"DROP TABLE {name}")
        with closing(sqlite3.connect(store / "chroma.sqlite3")) as database:
            database.execute("PRAGMA writable_schema = ON")
            database.execute("INSERT INTO sqlite_master VALUES ('table', ?1, ?1, 0, ?2)", (name, view))
            database.commit()
        found = looked(store)
        missed = why_unseen(found)
        assert f"no table {name}" in missed or (found.chroma is None and "malformed" in missed)

    def test_a_virtual_table_in_place_of_one(self, tmp_path: Path) -> None:
        store = changed(
            made(tmp_path),
            "PRAGMA foreign_keys = OFF",
            "DROP TABLE max_seq_id",
            "CREATE VIRTUAL TABLE max_seq_id USING fts5(segment_id, seq_id)",
        )
        found = looked(store)
        assert "it has no table max_seq_id" in why_unseen(found)
        assert all(part.waiting is None for each in found.chroma.collections for part in each.segments)

    def test_triggers_are_told(self, tmp_path: Path) -> None:
        store = changed(
            made(tmp_path), "CREATE TRIGGER gone AFTER INSERT ON embeddings BEGIN DELETE FROM embeddings; END"
        )
        found = looked(store)
        assert found.chroma.strange == ("trigger gone",)
        assert any("does not make" in remark and "trigger gone" in remark for remark in found.remarks)

    def test_a_column_that_is_computed_is_not_read(self, tmp_path: Path) -> None:
        store = changed(
            made(tmp_path),
            "PRAGMA foreign_keys = OFF",
            "DROP TABLE collections",
            "CREATE TABLE collections (id TEXT, dimension INTEGER, name TEXT AS/**/(hex(zeroblob(100000000))))",
            "INSERT INTO collections VALUES ('x', 3)",
        )
        assert "computed when they are read" in why_unseen(looked(store))

    def test_statements_in_a_name(self, tmp_path: Path) -> None:
        name = "x'; DROP TABLE collections; --\"\\"
        store = made(tmp_path)
        with closing(sqlite3.connect(store / "chroma.sqlite3")) as database:
            database.execute("UPDATE collections SET name = ?, id = ? WHERE name = 'empty'", (name, name))
            database.commit()
        assert name in {each.name for each in looked(store).chroma.collections}

    @pytest.mark.parametrize(
        "configuration",
        [
            "{" * 50_000,
            '{"embedding_function": {"name": "openai", "config": {"api_key": "sk-secret-0123456789"}}}',
            '{"embedding_function": {"name": ["a"], "type": {"b": 1}}}',
            '{"embedding_function": {"name": "__import__(\'os\')", "type": "known"}}',
            "[1e400, NaN]",
            '{"keys": {"#embedding": {"embedding_function": "custom"}}}',
            '{"a": 1, "a": 2}',
        ],
    )
    def test_a_configuration_is_read_as_data(self, tmp_path: Path, configuration: str) -> None:
        store = made(tmp_path)
        with closing(sqlite3.connect(store / "chroma.sqlite3")) as database:
            database.execute("UPDATE collections SET config_json_str = NULL, schema_str = ?", (configuration,))
            database.commit()
        found = looked(store)
        assert not found.unseen
        names = {each.embedding_function for each in found.chroma.collections}
        assert names <= {None, "openai", "__import__('os')", "custom"}
        assert "sk-secret" not in repr(found)


def test_text_that_is_no_utf_8_is_told_as_it_is(tmp_path: Path) -> None:
    store = changed(
        made(tmp_path), "UPDATE embedding_metadata SET string_value = CAST(x'ff41' AS TEXT) WHERE string_value = 'bob'"
    )
    assert rows_of(looked(store)) == {"7": 6, "alice": 3, "\\xffA": 1, None: 1}


@pytest.mark.parametrize("seed", range(8))
def test_bytes_that_were_flipped_never_break_a_look(tmp_path: Path, seed: int) -> None:
    """Sixteen damaged stores each: all end in facts, or in one error that says what to do."""
    chance = random.Random(seed)  # noqa: S311 - the same damage each time
    whole = made(tmp_path / "whole")
    data = (whole / "chroma.sqlite3").read_bytes()
    for number in range(16):
        store = tmp_path / str(number)
        store.mkdir()
        broken = bytearray(data)
        for _ in range(chance.choice((1, 8, 64, 2000))):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        if chance.random() < 0.3:
            del broken[chance.randrange(len(broken)) :]
        (store / "chroma.sqlite3").write_bytes(broken)
        before = snapshot(store)
        with suppress(ShowcaseError):
            found = inspect(place_of(store))
            assert found.unseen or found.chroma is not None
        assert snapshot(store) == before


@pytest.mark.parametrize("page", range(1, 46, 4))
def test_a_page_of_nothing(tmp_path: Path, page: int) -> None:
    store = made(tmp_path)
    with (store / "chroma.sqlite3").open("r+b") as file:
        file.seek(page * 4096)
        file.write(bytes(4096))
    found = looked(store)
    assert found.database is not None
