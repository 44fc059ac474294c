"""Places and variables that a shell may leave: a working directory that is gone, a home that is none, odd variables."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from planting import Ended, command

from showcase.doctor import machine
from showcase.doctor.finding import Circumstances
from showcase.memory.store_errors import as_store_error
from showcase.settings import Settings

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows lets nobody delete the directory that they are in")
PORT_OF_NOBODY = "127.0.0.1:9"


def from_nowhere(tmp_path: Path, *arguments: str) -> Ended:
    """Run a command in a directory that is deleted just before."""
    gone = tmp_path / "gone"
    gone.mkdir()
    script = "import os, sys; os.rmdir(os.getcwd()); os.execv(sys.argv[1], sys.argv[1:])"
    environment = {**os.environ, "OLLAMA_HOST": PORT_OF_NOBODY, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", script, *command(*arguments)],
        cwd=gone, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [("doctor",), ("models", "plan"), ("glossary", "seal"), ("models", "check"), ("run", "--bogus"), ("verify", "x")],
    ids=" ".join,
)
def test_who_stands_nowhere_is_told_all_that_needs_no_place(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """What to type is told by this program's path from here, and here is nowhere."""
    ended = from_nowhere(tmp_path, *arguments)
    said = ended.stdout + ended.stderr
    assert "Traceback" not in said
    assert "the system refused" not in said
    assert "fault of the program" not in said
    assert ended.code in (0, 2, 4)
    assert said.strip()


@pytest.mark.skipif(os.name == "nt", reason="no umask there")
@pytest.mark.parametrize("mask", [0o777, 0o400])
@pytest.mark.parametrize(
    "arguments", [("run", "--engine", "rehearsal"), ("audit", "--", "true"), ("init", "new")], ids=" ".join
)
def test_a_umask_that_takes_the_owners_rights_is_named(tmp_path: Path, arguments: tuple[str, ...], mask: int) -> None:
    script = f"import os, sys; os.umask({mask}); os.execv(sys.argv[1], sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", script, *command(*arguments)],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert f"the umask {mask:04o} takes the rights" in Ended(done.returncode, done.stdout, done.stderr).complaint(4)
    assert not list(tmp_path.iterdir()), "nothing was begun"


def test_a_directory_that_is_too_deep_for_the_database_is_none_for_a_run(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*(["x" * 100] * 5))
    done = subprocess.run(
        command("run", "--engine", "rehearsal", "--out", str(deep)),
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    said = Ended(done.returncode, done.stdout, done.stderr).complaint(4)
    assert "SQLite opens no database" in said
    assert "chmod" not in said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("arguments", "status"), [(("glossary", "seal"), 0), (("verify", "no-such.json"), 2)])
def test_a_python_that_would_stay_changes_no_exit_status(
    tmp_path: Path, arguments: tuple[str, ...], status: int
) -> None:
    done = subprocess.run(
        command(*arguments), cwd=tmp_path, env={**os.environ, "PYTHONINSPECT": "1"}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == status, "1 would mean broken"
    assert "Traceback" not in done.stderr
    assert done.stdout or done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("run", "--engine", "rehearsal"), ("init", "new"), ("init", "a/b"), ("scenario", "new", "class.toml")],
    ids=" ".join,
)
def test_who_needs_a_place_is_told_that_it_is_gone(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    said = from_nowhere(tmp_path, *arguments).complaint(4)
    assert "the directory that you are in was deleted" in said
    assert "change to a directory that is there" in said


def test_a_full_disk_is_named_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite keeps what it sorts in TMPDIR, and says the same where that is full."""
    temporary, store = tmp_path / "temporary", tmp_path / "mem0_chroma"
    temporary.mkdir()
    store.mkdir()
    full = {str(temporary): 0, str(store): 10**9}
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=full[str(place)]))
    monkeypatch.setenv("TMPDIR", str(temporary))
    told = as_store_error(sqlite3.OperationalError("database or disk is full"), store, None)
    assert told is not None
    assert f"temporary files {temporary} is full" in told.message
    assert "TMPDIR" in told.hint
    full[str(store)] = 0
    told = as_store_error(sqlite3.OperationalError("database or disk is full"), store, None)
    assert told is not None
    assert f"the disk of the store {store} is full" in told.message


def test_the_doctor_sees_a_umask_and_temporary_files_without_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    circumstances = Circumstances(settings=Settings(out=tmp_path), environ={"TMPDIR": str(tmp_path)})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**4))
    assert any("temporary files" in each.message for each in machine.disk(circumstances) if each.level == "problem")
    before = os.umask(0o177)
    try:
        (found,) = machine.file_mode(circumstances)
    finally:
        os.umask(before)
    assert (found.level, "the umask 0177" in found.message) == ("problem", True)
    (found,) = machine.file_mode(circumstances)
    assert found.level == "ok"
