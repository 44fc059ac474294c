"""What stays after each way of deleting is measured by who was shown to see, and ours leaves nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from showcase import cli
from showcase.bench.erasure import figures, measurement, tools, ways
from showcase.bench.erasure.scaling import PARTS, Scale
from showcase.erasure.search import Searcher
from showcase.errors import ExitCode
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[2]


def measured(out: Path, *words: str) -> dict[str, Any]:
    """Return the tables of a result by their keys."""
    command = [sys.executable, "-m", "showcase", "bench", "erasure", *words, "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return tables(out)


def tables(out: Path) -> dict[str, Any]:
    result = json.loads((out / "result.json").read_text("utf-8"))
    assert (result["taken"], result["bench"]) == (result["planned"], "erasure")
    return {table["key"]: table for section in result["sections"] for table in section["tables"]}


def test_what_others_leave_and_ours_does_not(tmp_path: Path) -> None:
    found = measured(tmp_path / "out", "--rows", "30")
    rows = {row["arm"]: {key: cell["value"] for key, cell in row["cells"].items()} for row in found["left-30"]["rows"]}
    assert set(rows) == {way.name for way in ways.ways()}
    assert "inconclusive" not in {row["outcome"] for row in rows.values()}

    def whole(way: str) -> tuple[int, ...]:
        return tuple(rows[way][what] for what in ("text", "vector", "id"))

    assert whole("nothing deleted") == (15, 15, 15)
    assert rows["nothing deleted"]["database"] == "(T) (V) (I)"
    deleted = rows["mem0 delete_all"]
    assert "T" in deleted["database"]
    assert "V" in deleted["database"]
    assert "T" in deleted["history"]
    assert deleted["text"] == 15
    assert rows["mem0 delete"]["forgotten"] == 1
    by_hand = "mem0 delete_all, history deleted, secure_delete"
    assert "T" in rows[f"{by_hand} off"]["history"]
    assert "T" not in rows[f"{by_hand} on"]["history"]
    assert "T" not in rows["mem0 reset, secure_delete on"]["history"]
    assert "T" in rows["Chroma delete_collection, chroma vacuum"]["history"]
    assert "T" not in rows["Chroma delete_collection, chroma vacuum"]["database"]
    for way in ("ours, one memory", "ours, all of a user"):
        assert (rows[way]["outcome"], rows[way]["certified"]) == ("nothing found", "upheld")
        assert {rows[way][place] for place in ("database", "index", "history", "elsewhere")} == {"-"}
        assert whole(way) == (0, 0, 0)
    assert {row["arm"] for row in found["by-tools"]["rows"]} == {way.name for way in ways.ways() if way.tools}


def blind(_: Searcher, __: bytes) -> Iterable[Any]:
    return iter(())


def without_one_form(real: Any) -> Any:
    """Return a search that sees all that is in the store, and not one of the forms that are planted as controls."""
    return lambda self, data: (hit for hit in real(self, data) if hit.pattern.form != "float32 BE")


@pytest.mark.parametrize("sees", ["nothing", "one form less"])
def test_a_scanner_that_is_not_shown_to_see_says_inconclusive(
    sees: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = ways.ways()[:2]
    monkeypatch.setattr(measurement, "ways", lambda: first)
    monkeypatch.setattr(Searcher, "search", blind if sees == "nothing" else without_one_form(Searcher.search))
    out = tmp_path / "out"
    assert cli._run(["bench", "erasure", "--rows", "30", "--out", str(out)], verbose=False) == 0
    rows = tables(out)["left-30"]["rows"]
    assert [row["cells"]["outcome"]["value"] for row in rows] == ["inconclusive"] * len(first)
    for row in rows:
        assert row["cells"]["outcome"]["note"]
        assert {row["cells"][key]["value"] for key in ("database", "history", "text", "vector", "id")} == {None}


def test_each_part_of_our_erasing_is_timed_and_it_erased(tmp_path: Path) -> None:
    found = measured(tmp_path / "out", "--scaling", "20,40")
    assert set(found) == {"scaling"}
    rows = found["scaling"]["rows"]
    assert [(row["group"], row["cells"]["forgotten"]["value"]) for row in rows] == [("20 rows", 2), ("40 rows", 4)]
    for row in rows:
        assert row["cells"]["left"]["value"] == 0
        assert row["cells"]["certified"]["value"] == "upheld"
        for part in ("gather", "controls", "scan", "copy", "overwrite", "verify"):
            assert row["cells"][part]["value"] > 0


def test_an_erasing_that_left_something_is_told() -> None:
    left = Scale(
        rows=20, forgotten=2, patterns=80, store_bytes=1, seconds=dict.fromkeys(PARTS, 1.0), left=3, certified="broken"
    )
    cell = figures.sections([], [left])[1].tables[0].rows[0].cells["left"]
    assert (cell.value, cell.note) == (3, "it is no erasing that was measured")
    unseen = replace(left, left=0, certified="inconclusive")
    cell = figures.sections([], [unseen])[1].tables[0].rows[0].cells["left"]
    assert (cell.value, cell.of) == (None, 0), "what no other process looked for was not found to be gone"


@pytest.mark.parametrize("words", [("--rows", "30", "--rows", "30"), ("--scaling", "5,100"), ("--scaling", "20,20")])
def test_what_cannot_be_measured_is_refused(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli._run(["bench", "erasure", *words], verbose=False) == ExitCode.USAGE
    assert "--rows" in (said := capsys.readouterr().err) or "--scaling" in said


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for a program")
def test_a_program_that_fails_or_is_not_there_has_found_nothing_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, script in {"strings": "echo a memory", "sqlite3": "echo it broke >&2; exit 1"}.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o700)
    monkeypatch.setenv("PATH", str(programs))
    place = store_place(tmp_path / "store")
    place.chroma.mkdir(parents=True)
    (place.chroma / "chroma.sqlite3").write_bytes(b"")
    assert tools.count(place, ["a memory", "another one"], tmp_path / "work") == {
        "strings": 1,
        "SQLite's .recover": "failed: it broke",
        "foremost": "not installed",
    }
