"""A result is shown again from its document alone, and nothing in it is obeyed."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from counting_bench import Counting, Quiet

from showcase import cli
from showcase.bench.results.document import dump
from showcase.bench.results.measuring import Measuring
from showcase.bench.results.place import Asked
from showcase.bench.results.result import SKIPPED, Cell, Column, Result, Row, Table
from showcase.cli.bench import markdown, tables
from showcase.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "up\x1b[31m | <b>*x*\n# no"


@pytest.fixture
def result(tmp_path: Path) -> Result:
    begun = Measuring(Counting(), Asked(place=tmp_path, resume=False, quick=False))
    begun.take_all(Quiet())
    return begun.result()


def with_table(result: Result, table: Table) -> Result:
    return replace(result, sections=(replace(result.sections[0], tables=(table,)),))


def wide() -> Table:
    columns = tuple(Column(key=f"c{number}", title=f"column {number}", unit="ms") for number in range(12))
    cells = {column.key: Cell(value=1234, low=1000.0, high=2000.0, of=3, note=HOSTILE) for column in columns}
    del cells["c3"]
    return Table(
        key="wide",
        title="All of it",
        columns=columns,
        rows=(Row(arm=HOSTILE, group="one", cells=cells), Row(arm="down", group="two", cells={})),
        interval="least and most",
        notes=("A note.",),
    )


def test_a_result_is_shown_from_its_file_or_its_directory(
    result: Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "result.json").write_bytes(dump(result))
    shown = []
    for named in (tmp_path, tmp_path / "result.json"):
        assert cli._run(["bench", "show", str(named)], verbose=False) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert re.search(r"^up +3 +1 \(0.2\)$", shown[0], re.MULTILINE)
    page = tmp_path / "page.html"
    assert cli._run(["bench", "show", str(tmp_path), "--page", str(page)], verbose=False) == 0
    assert "How far does one count?" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"schema": "local-memory-showcase/bench-result", "version": 1}', None]
)
def test_what_is_no_result_is_refused_with_what_to_give(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "result.json"
    if content is not None:
        path.write_bytes(content)
    assert cli._run(["bench", "show", str(path)], verbose=False) == ExitCode.USAGE
    assert "result.json that a benchmark wrote" in capsys.readouterr().err


@pytest.mark.parametrize("columns", [None, 60])
def test_a_terminal_gets_each_figure_and_obeys_none(
    columns: int | None, result: Result, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if columns is not None:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    tables.print_result(with_table(result, wide()))
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert len(re.findall(r"1,234 \(1,000.2,000\)", said)) == 11
    assert "A note." in said


def test_why_something_was_skipped_is_told_once(result: Result, capsys: pytest.CaptureFixture[str]) -> None:
    columns = tuple(Column(key=f"c{number}", title=f"column {number}") for number in range(3))
    cells = {column.key: Cell(value=SKIPPED, of=0, note="skipped: it is not installed") for column in columns}
    seen = {**cells, "c2": Cell(value=7, of=1, note="skipped: it is not installed")}
    rows = (Row(arm="down", cells=cells), Row(arm="up", cells=seen))
    skipping = with_table(result, Table(key="some", title="Some of it", columns=columns, rows=rows))
    tables.print_result(skipping)
    for said in (capsys.readouterr().out, "\n".join(markdown.lines_of(skipping))):
        assert said.count("it is not installed") == 2
        assert said.count("column 2: skipped: it is not installed") == 1, "a figure's own note stays its own"


def test_no_value_of_it_begins_a_line_of_its_own(result: Result, capsys: pytest.CaptureFixture[str]) -> None:
    forged = "up\nfinished: 9 samples\r! all is well"
    lines = len(_printed(result, capsys))
    machine = replace(result.machine, processor=forged, versions={forged: forged})
    named = replace(result, machine=machine, program=forged, settings={"rounds": forged})
    assert len(_printed(named, capsys)) == lines
    table = result.sections[0].tables[0]
    rows = tuple(replace(row, arm=forged) for row in table.rows)
    assert len(_printed(with_table(result, replace(table, rows=rows)), capsys)) == lines
    titled = replace(result.sections[0], title=forged)
    assert len(_printed(replace(result, sections=(titled,)), capsys)) == lines


def _printed(result: Result, capsys: pytest.CaptureFixture[str]) -> list[str]:
    tables.print_result(result)
    return capsys.readouterr().out.splitlines()


def test_markdown_has_as_many_cells_in_each_line_and_no_markup_of_others(result: Result) -> None:
    lines = markdown.lines_of(with_table(result, wide()))
    rows = [line for line in lines if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows if not line.startswith("|---")} == {16}
    plain = [re.sub(r"`[^`]*`", "", line) for line in lines]  # in code nothing is markup
    assert not [line for line in plain if "\n" in line or re.search(r"(?<!\\)[<*]", line)]
    assert not [line for line in lines if line.startswith("# ")]
    assert any("column 0: up" in line for line in lines), "a note stands under the head of its column"
