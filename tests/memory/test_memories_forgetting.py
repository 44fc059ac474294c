"""`showcase memories forget` and `expire` as they are typed: what is shown first, what goes, and what stays on disk."""

from __future__ import annotations

import io
import json
import sqlite3
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from kept_stores import LAYOUTS, OF_TWO, everything, made, row, typed

from showcase.memory import history

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.memory.store_record import Layout

Capture = pytest.CaptureFixture[str]

TURIN, RAILWAY, ASKS, TEA = (each.memory_id for each in OF_TWO)
both = pytest.mark.parametrize("layout", LAYOUTS)


pytestmark = pytest.mark.usefixtures("at_home")


@both
def test_forgetting_shows_first_and_says_what_stays_on_disk(tmp_path: Path, capsys: Capture, layout: Layout) -> None:
    place = made(tmp_path / "s", layout)
    history.keep(place, [history.HistoryEvent(id="e", memory_id=TURIN, new_memory="I live in Turin", event="ADD")])
    at = ("--store", "s", "--user-id", "alice")
    dry = typed(capsys, "forget", TURIN[:8], *at, "--dry-run")
    assert dry.status == 0
    assert "I live in Turin" in dry.out
    assert "nothing was forgotten" in dry.out
    assert len(everything(place, layout)) == 4
    done = typed(capsys, "forget", TURIN[:8], *at, "--yes", "--rows-only")
    assert done.status == 0
    assert TURIN not in everything(place, layout)
    assert len(everything(place, layout)) == 3
    for path in (place.chroma / "chroma.sqlite3", place.home / "history.db"):
        assert str(path) in done.out
        assert b"I live in Turin" in path.read_bytes(), "it is said because it is so"
    told = typed(capsys, "history", TURIN, *at)
    assert told.status == 0
    assert "is gone" in told.out
    assert "DELETE" in told.out
    with sqlite3.connect(place.home / "history.db") as database:
        deleted = database.execute("SELECT * FROM history WHERE event = 'DELETE'").fetchone()
    assert (deleted[1], deleted[2], deleted[3], deleted[7]) == (TURIN, "I live in Turin", None, 1)


def test_every_file_that_keeps_bytes_is_named(tmp_path: Path, capsys: Capture) -> None:
    place = made(tmp_path / "s")
    done = typed(capsys, "forget", "--all", "--store", "s", "--user-id", "bob", "--yes", "--json", "--rows-only")
    named = set(json.loads(done.out)["bytes_stay_in"])
    holding = {str(path) for path in place.root.rglob("*") if path.is_file() and b"I drink tea" in path.read_bytes()}
    assert holding <= named
    assert holding
    assert {str(path) for path in place.root.rglob("data_level0.bin")} <= named


@pytest.mark.parametrize("words", [["forget", "--all"], ["forget", TURIN], ["expire", "--older-than", "1h"]])
def test_nobody_to_ask_is_an_error_with_the_commands_that_go_on(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    place = made(tmp_path / "s")
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    said = typed(capsys, *words, "--store", "s", "--user-id", "alice")
    assert said.status == 2
    assert "nobody can be asked" in said.err
    assert f"memories {' '.join(words)} --store s --user-id alice --yes" in said.err
    assert f"memories {' '.join(words)} --store s --user-id alice --dry-run" in said.err
    assert len(everything(place, "shared")) == 4


def test_what_to_forget_has_to_be_said_in_one_way(tmp_path: Path, capsys: Capture) -> None:
    made(tmp_path / "s")
    for words in ([], [TURIN, "--all"], ["--all", "--matching", "x"]):
        said = typed(capsys, "forget", *words, "--store", "s", "--user-id", "alice", "--yes")
        assert said.status == 2
        assert "one of them" in said.err


@both
def test_what_is_old_goes_and_what_is_pinned_or_undated_stays(tmp_path: Path, capsys: Capture, layout: Layout) -> None:
    def since(days: float) -> dict[str, str]:
        at = (datetime.now(timezone.utc) - timedelta(days=days)).isoformat()
        return {"created_at": "2020-01-01T00:00:00+00:00", "updated_at": at}

    rows = [
        row("new", **since(89)), row("old", **since(91)), row("pinned", pinned=True, **since(91)),
        row("undated", created_at=None, updated_at=None), row("bobs", "bob", **since(91)),
    ]  # fmt: skip
    place = made(tmp_path / "s", layout, rows)
    at = ("--store", "s", "--user-id", "alice", "--older-than", "90d")
    dry = typed(capsys, "expire", *at, "--dry-run")
    assert "old" in dry.out
    assert len(everything(place, layout)) == 5
    said = typed(capsys, "expire", *at, "--yes")
    assert said.status == 0
    assert "1 pinned, 1 without a time" in said.err
    assert {each.text for each, _ in everything(place, layout).values()} == {"new", "pinned", "undated", "bobs"}
    typed(capsys, "expire", *at, "--yes", "--pinned")
    assert {each.text for each, _ in everything(place, layout).values()} == {"new", "undated", "bobs"}


@pytest.mark.parametrize("age", ["90", "d", "-1d", "0d", "90 d", "90m", "1e3d", "nan", "999999y", "", "٣d"])
def test_what_is_no_age_is_refused(tmp_path: Path, capsys: Capture, age: str) -> None:
    place = made(tmp_path / "s")
    said = typed(capsys, "expire", "--store", "s", "--user-id", "alice", f"--older-than={age}", "--yes")
    assert said.status == 2
    assert "--older-than 90d" in said.err
    assert len(everything(place, "shared")) == 4
