"""What stays after each way of deleting is measured by who was shown to see, and ours leaves nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from showcase import cli
from showcase.bench.erasure import left, tools, ways
from showcase.erasure.search import Searcher
from showcase.errors import ExitCode
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[2]


def measured(*words: str) -> Any:
    command = [sys.executable, "-m", "showcase", "bench", "erasure", *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def files_with(cell: Any, what: str) -> set[str]:
    return {Path(each["path"]).name for each in cell["found"] if each["what"] == what}


def test_what_others_leave_and_ours_does_not() -> None:
    cells = {each["way"]: each for each in measured("--rows", "30")["left"]}
    assert set(cells) == {way.name for way in ways.ways()}
    assert not [each["why"] for each in cells.values() if each["outcome"] == "inconclusive"]
    assert cells["nothing deleted"]["whole"] == {"text": 15, "vector": 15, "id": 15}
    deleted = cells["mem0 delete_all"]
    assert {"chroma.sqlite3", "history.db"} <= files_with(deleted, "text")
    assert "chroma.sqlite3" in files_with(deleted, "vector")
    assert deleted["whole"]["text"] == 15
    assert cells["mem0 delete"]["forgotten"] == 1
    by_hand = "mem0 delete_all, history deleted, secure_delete"
    assert "history.db" in files_with(cells[f"{by_hand} off"], "text")
    assert "history.db" not in files_with(cells[f"{by_hand} on"], "text")
    assert "history.db" not in files_with(cells["mem0 reset, secure_delete on"], "text")
    assert "history.db" in files_with(cells["Chroma delete_collection, chroma vacuum"], "text")
    assert "chroma.sqlite3" not in files_with(cells["Chroma delete_collection, chroma vacuum"], "text")
    for way in ("ours, one memory", "ours, all of a user"):
        assert (cells[way]["outcome"], cells[way]["found"], cells[way]["certified"]) == ("nothing found", [], "upheld")
        assert set(cells[way]["whole"].values()) == {0}


def blind(_: Searcher, __: bytes) -> Iterable[Any]:
    return iter(())


def without_one_form(real: Any) -> Any:
    """Return a search that sees all that is in the store, and not one of the forms that are planted as controls."""
    return lambda self, data: (hit for hit in real(self, data) if hit.pattern.form != "float32 BE")


@pytest.mark.parametrize("sees", ["nothing", "one form less"])
def test_a_scanner_that_is_not_shown_to_see_says_inconclusive(
    sees: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = ways.ways()[:2]
    monkeypatch.setattr(left, "ways", lambda: first)
    monkeypatch.setattr(Searcher, "search", blind if sees == "nothing" else without_one_form(Searcher.search))
    assert cli._run(["bench", "erasure", "--rows", "30"], verbose=False) == 0
    said = capsys.readouterr().out
    assert said.count("inconclusive: ") == len(first)
    assert "nothing of it found" not in said


def test_each_part_of_our_erasing_is_timed_and_it_erased() -> None:
    document = measured("--scaling", "20,40")
    assert not document["left"]
    assert [(each["rows"], each["forgotten"], each["left"]) for each in document["scaling"]] == [(20, 2, 0), (40, 4, 0)]
    for each in document["scaling"]:
        assert set(each["seconds"]) == {"gather", "controls", "scan", "copy", "overwrite", "verify"}
        assert all(seconds > 0 for seconds in each["seconds"].values())


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
