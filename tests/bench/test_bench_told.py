"""What a terminal and Markdown tell of a result: nothing that has to be known is left out of either."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import click
import pytest
from counting_bench import Counting, Quiet

from showcase.bench.results.measuring import Measuring
from showcase.bench.results.place import Asked
from showcase.bench.results.result import Cell, Column, Result, Row, Section, Table
from showcase.cli.bench import markdown, measured, tables
from showcase.engines.everyday import Opened
from showcase.errors import UsageError
from showcase.evidence import Model

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.evidence import EngineKind

CHAT, EMBED = (Model(name=name, digest=None, size_bytes=None) for name in ("chat", "embed"))


@pytest.fixture
def result(tmp_path: Path) -> Result:
    begun = Measuring(Counting(), Asked(place=tmp_path, resume=False, quick=False))
    begun.take_all(Quiet())
    table = Table(
        key="t", title="The table", interval="least and most", notes=("A note of the table.",),
        columns=(Column(key="a", title="first"), Column(key="b", title="second")),
        rows=(
            Row(arm="up", group="small", cells={"a": Cell(value=1, low=0.0, high=2.0, of=3, note="A note of a cell.")}),
            Row(arm="up", group="large", cells={"a": Cell(value=4, of=5), "b": Cell(value=6, of=7)}),
        ),
    )  # fmt: skip
    section = Section(key="s", title="The section", text=("A paragraph.",), tables=(table,))
    return replace(begun.result(), sections=(section,))


TOLD = (
    "How far does one count?", "finished: 6 samples", "All is warm.", "counts up", "Nothing about anything else.",
    "The section", "A paragraph.", "The table", "least and most", "A note of the table.", "A note of a cell.",
    "small", "large",
)  # fmt: skip


@pytest.mark.parametrize("width", [None, 20])
def test_a_terminal_is_told_all_of_it(width: int | None, result: Result) -> None:
    said = " ".join(line.strip("! -").strip() for line in tables._lines(result, width))
    said = " ".join(said.split())
    assert [each for each in TOLD if " ".join(each.split()) not in said] == []


def test_markdown_is_told_all_of_it(result: Result) -> None:
    said = "\n".join(markdown.lines_of(result))
    assert [each for each in TOLD if each not in said] == []


def test_figures_of_a_row_from_as_many_samples_say_so_once_and_others_each_by_itself(result: Result) -> None:
    table = result.sections[0].tables[0]
    one, mixed = table.rows
    assert (tables.count_of(one), tables.count_of(mixed)) == (3, None)
    assert tables.figure(one, table.columns[0]) == "1 (0\u20132)"
    assert [tables.figure(mixed, column) for column in table.columns] == ["4 (n = 5)", "6 (n = 7)"]


@pytest.mark.parametrize(("rehearses", "kind"), [(True, "rehearsal"), (False, "ollama")])
def test_whoever_answered_is_named(rehearses: bool, kind: str) -> None:
    class Gate:
        def version(self) -> str:
            return "1.2"

    gate = cast("Any", Gate())
    reached: EngineKind = "rehearsal" if rehearses else "ollama"
    used = measured.engine_used(Opened(gate=gate, embed_model=EMBED, chat_model=CHAT, kind=reached))
    assert (used.kind, used.version, used.chat_model, used.embed_model) == (kind, "1.2", CHAT, EMBED)


def test_a_directory_that_cannot_be_used_is_told_before_anything_is_started(tmp_path: Path) -> None:
    started: list[bool] = []
    (tmp_path / "letter.txt").write_text("mine")

    @measured.measured_options("counting")
    def command(how: measured.Measured) -> None:
        started.append(how.quick)

    with pytest.raises(UsageError, match="no benchmark wrote"):
        command(out=tmp_path, resume=False, quick=True, as_json=False)
    assert not started
    command(out=tmp_path / "new", resume=False, quick=True, as_json=False)
    assert started == [True]


def test_the_command_that_goes_on_asks_for_it_once() -> None:
    typed = ["bench", "counting", "--resume", "--rounds", "3"]
    with click.Context(click.Command("bench"), obj={"arguments": typed}):
        said = measured._again()
    assert said.endswith("bench counting --rounds 3 --resume")


def test_nobody_is_told_more_than_once_a_minute_where_no_line_changes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr(measured.time, "monotonic", lambda: now[0])
    line = measured.Line("counting")
    for seconds in range(0, 130, 10):
        now[0] = 100.0 + seconds
        line.at(seconds, 130, "up/1", 125.0 - seconds)
        line.doing("counting")
    said = capsys.readouterr().err.splitlines()
    assert [each.partition(":")[2].split(" of ")[0].strip() for each in said] == ["0", "60", "120"]
    assert ["3 min left" in said[0], "65 s left" in said[1], "5 s left" in said[2]] == [True] * 3


def test_a_line_of_a_terminal_is_never_wider_than_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr(measured.sys.stderr, "isatty", lambda: True, raising=False)
    line = measured.Line("counting")
    line.at(1, 6, "a step with a name that is far too long for it\nand on", 3.0)
    line.end()
    drawn = capsys.readouterr().err.split("\r\x1b[K")
    assert drawn[0] == drawn[-1] == ""
    assert len(drawn[1]) <= 29
    assert "\n" not in drawn[1]
