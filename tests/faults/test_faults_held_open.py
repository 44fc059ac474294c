"""What another program holds open on Windows stays there whole, and the error says who has it and what to do.

Windows refuses to rename or remove such a file; here that refusal is planted.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from showcase import runlog
from showcase.errors import StoreError
from showcase.orchestrator import outcome
from showcase.orchestrator.output_directory import claiming, keep_earlier
from showcase.scenes import plant
from showcase.settings import REPORT, RUN_LOG, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Run


HOLDS = "import sys; file = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


def refused() -> PermissionError:
    error = PermissionError(13, "The process cannot access the file because it is being used by another process")
    error.winerror = 32  # type: ignore[attr-defined]
    return error


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Path]:
    """A store of which another process has a file open, and cannot be robbed of it."""
    store = tmp_path / "mem0_chroma"
    (store / "index").mkdir(parents=True)
    for name in ("chroma.sqlite3", "index/data_level0.bin", "index/header.bin"):
        (store / name).write_text("kept")
    held = store / "index" / "data_level0.bin"
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; file = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()",
            held,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield held
        process.kill()


def test_a_store_that_is_held_open_stays_whole(keeper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = keeper.parents[1]
    rename = Path.rename

    def held(path: Path, target: Path) -> Path:
        if path == keeper:
            raise refused()
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(StoreError, match=r"has data_level0\.bin open, and nothing of it was removed") as told:
        plant._empty(store)
    assert [path.name for path in sorted(store.rglob("*")) if path.is_file()] == [
        "chroma.sqlite3", "data_level0.bin", "header.bin",
    ]  # fmt: skip
    assert "(pid " in told.value.message, "who has it"
    assert str(os.getpid()) not in told.value.message
    assert "--out " in told.value.hint
    monkeypatch.undo()
    plant._empty(store)
    assert list(store.iterdir()) == []


def test_an_earlier_log_that_is_held_open_stays_and_the_new_one_is_kept(
    log: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(out=tmp_path)
    settings.run_log.write_text("earlier")
    settings.report.write_text("earlier page")
    rename = Path.rename

    def held(path: Path, target: Path) -> Path:
        if path.name == REPORT:  # the second of the two: the first was renamed by then
            raise refused()
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(StoreError, match="another program has it open") as told:
        outcome.write_down(log, settings, None)
    assert settings.run_log.read_text() == "earlier"
    assert settings.report.read_text() == "earlier page"
    (kept,) = (path for path in tmp_path.iterdir() if path.name not in (RUN_LOG, REPORT))
    assert str(kept) in told.value.message
    assert runlog.read(kept).run_id == log.run_id
    assert "see which: " in told.value.hint


def test_where_nothing_can_be_written_the_first_error_stands(
    log: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwritable(*_: object) -> tuple[Path, ...]:
        raise StoreError("cannot rename", hint="see")

    monkeypatch.setattr(outcome.output_directory, "keep_earlier", unwritable)
    write = runlog.write

    def drafts_only(run: Run, path: Path) -> str:
        if not path.name.endswith(".facts"):
            raise StoreError("the disk is full")
        return write(run, path)

    monkeypatch.setattr(runlog, "write", drafts_only)
    with pytest.raises(StoreError, match=r"^cannot rename$"):
        outcome.write_down(log, Settings(out=tmp_path), None)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_run_s_files_make_way_both_or_none(tmp_path: Path) -> None:
    assert keep_earlier(tmp_path) == ()
    (tmp_path / RUN_LOG).write_text("log")
    (tmp_path / REPORT).write_text("page")
    kept = keep_earlier(tmp_path)
    assert [path.read_text() for path in kept] == ["log", "page"]
    assert claiming.name_by_time(kept[0], 0.0).name.endswith(".19700101T000000Z.json")
