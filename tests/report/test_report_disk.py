"""On disk: tables and their rows before and after each process."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reading import cells, words
from run_builder import whole_run
from session_builder import digest

from showcase.evidence import StoreFile, StoreState, StoreTable
from showcase.report import render


def state(**tables: int) -> StoreState:
    file = StoreFile(path="chroma.sqlite3", size_bytes=1, sha256=digest(str(tables)))
    found = tuple(StoreTable(path=file.path, name=name, rows=rows) for name, rows in tables.items())
    return StoreState(digest=digest(str(tables)), files=(file,), tables=found)


def page(before: StoreState | None, after: StoreState | None) -> str:
    whole = whole_run()
    first = replace(whole.sessions[0], store_before=before, store_after=after)
    return render(whole_run(sessions=(first,), controls=()))


@pytest.mark.parametrize(
    ("before", "after", "row"),
    [
        (state(t=4), state(t=5), ["4", "5", "+1"]),
        (state(t=5000), state(t=4), ["5,000", "4", "-4,996"]),
        (state(t=4), state(t=4), ["4", "4", "left as it was"]),
        (state(), state(t=4), ["no table", "4", "created"]),
        (state(t=4), state(), ["4", "no table", "removed"]),
        (None, state(t=4), ["not recorded", "4", "not known"]),
    ],
)
def test_rows_before_and_after(before: StoreState | None, after: StoreState, row: list[str]) -> None:
    assert cells(page(before, after), "Tables after session 1") == [["t", *row]]


def test_tables_without_rows_are_named_together() -> None:
    shown = page(state(a=0, b=1, c=0), state(a=0, b=1, c=0))
    assert [row[0] for row in cells(shown, "Tables after session 1")] == ["b"]
    assert "Without a row before and after: a and c." in words(shown, "disk")
    assert "3 tables of chroma.sqlite3 , counted" in words(shown, "disk")


def test_many_tables_are_counted() -> None:
    full, empty = {f"t{n}": n + 1 for n in range(300)}, {f"e{n}": 0 for n in range(300)}
    said = words(page(None, state(**full, **empty)), "disk")
    assert "100 more tables in the embedded run log" in said
    assert "e199 and 100 more." in said


def test_tables_of_several_databases_are_told_apart() -> None:
    tables = tuple(StoreTable(path=path, name="t", rows=rows) for path, rows in (("a", 1), ("b", 2)))
    shown = page(None, replace(state(), tables=tables))
    assert [row[::2] for row in cells(shown, "Tables after session 1")] == [["t a", "1"], ["t b", "2"]]
    assert "2 tables of several databases" in words(shown, "disk")


def test_log_without_tables_says_so() -> None:
    assert "No table of the store is in the log." in words(page(None, state()), "disk")
    assert "The state of the store was not recorded." in words(page(None, None), "disk")
