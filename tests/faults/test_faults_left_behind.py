"""Runs on stores that another process left locked or cut off, and with a Python that Chroma refuses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from cut_off_writer import CUT_OFF
from planting import Ended, command

from showcase import runlog

if TYPE_CHECKING:
    from pathlib import Path

    from planting import Place

KEEP = ("--engine", "rehearsal", "--keep-store", "--phase", "1")

HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("begin exclusive")
print("locked", flush=True)
sys.stdin.read()
"""

OLD_SQLITE = """
import sqlite3, sys
sqlite3.sqlite_version, sqlite3.sqlite_version_info = "3.34.1", (3, 34, 1)
from showcase.cli import main
main(sys.argv[1:])
"""

FEW_FILES = (
    "import resource,os,sys;resource.setrlimit(resource.RLIMIT_NOFILE,({0},{1}));os.execv(sys.argv[1],sys.argv[1:])"
)


@pytest.fixture
def store(place: Place, planted_store: Path) -> Path:
    """The store of a place where an earlier run planted."""
    shutil.copytree(planted_store, place.out)
    return place.out / "mem0_chroma"


def test_an_unfinished_write_is_rolled_back_and_what_was_stored_is_there(place: Place, store: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CUT_OFF, store / "chroma.sqlite3"], check=False, timeout=60)
    assert done.returncode < 0
    before = runlog.read(place.out / "run-log.json").sessions[0].planted
    ended = place.run(*KEEP)
    assert ended.code == 3, ended.stderr
    assert "an unfinished write of a process that was ended: it is rolled back" in ended.stderr + ended.stdout
    listed = runlog.read(place.out / "run-log.json").sessions[0].listed or ()
    assert before
    assert {row.memory_id for row in before} < {row.memory_id for row in listed}


def test_a_lock_on_the_history_is_not_blamed_on_the_store(place: Place, store: Path) -> None:
    history = store.parent / "mem0_home" / "history.db"
    holder = [sys.executable, "-c", HOLD, str(history)]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        said = place.run(*KEEP).complaint(4)
        process.communicate()
    assert f"mem0's history {history} is locked by another process" in said
    assert f"lsof {history}" in said
    assert "chroma.sqlite3" not in said


def test_an_sqlite_that_is_too_old_is_said_before_anything_starts(place: Place) -> None:
    arguments = ["run", "--out", str(place.out), "--engine", "rehearsal"]
    done = subprocess.run(
        [sys.executable, "-c", OLD_SQLITE, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    said = Ended(done.returncode, done.stdout, done.stderr).complaint(4)
    assert "SQLite 3.34.1, and Chroma needs 3.35.0" in said
    assert "uv venv" in said
    assert not place.out.exists()
    done = subprocess.run(
        [sys.executable, "-c", OLD_SQLITE, "doctor", "--out", str(place.out)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 4
    assert "problem  sqlite" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
@pytest.mark.parametrize(
    ("limit", "arguments", "needed"),
    [
        (64, ("run", "--engine", "rehearsal"), 192),
        (32, ("run", "--engine", "rehearsal"), 192),
        (64, ("audit", "--seal=sink", "--", "true"), 192),
        (32, ("audit", "--seal", "--", "true"), 48),
        (16, ("audit", "--", "true"), 32),
    ],
)
@pytest.mark.parametrize("hard", [False, True])
def test_few_descriptors_are_said_with_the_number_and_the_command(
    tmp_path: Path, limit: int, arguments: tuple[str, ...], needed: int, *, hard: bool
) -> None:
    limited = FEW_FILES.format(limit, limit if hard else "resource.getrlimit(resource.RLIMIT_NOFILE)[1]")
    done = subprocess.run(
        [sys.executable, "-c", limited, *command(*arguments)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = Ended(done.returncode, done.stdout, done.stderr).complaint(4)
    assert f"{limit} files open here, and {needed} are needed" in said
    assert (f"prlimit --pid $$ --nofile={needed}" if hard else f"ulimit -n {needed}") in said
    assert not list(tmp_path.iterdir())
