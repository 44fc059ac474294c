"""The password of a store: from the environment or a private file, and printed nowhere."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from showcase.errors import UsageError
from showcase.settings.store_secret import SECRET, SECRET_FILE, find

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes of files are POSIX's")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    path.write_text("hunter2\n", encoding="utf-8")
    return path


def test_nothing_named_is_no_secret() -> None:
    assert find({}) is None
    assert find({SECRET: "", SECRET_FILE: ""}) is None


@pytest.mark.parametrize("data", [b"hunter2", b"hunter2\n", b"hunter2\r\n"])
def test_a_lines_end_is_none_of_it(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    assert find({SECRET_FILE: str(file)}) == "hunter2"


def test_spaces_are_of_it_and_only_one_lines_end_is_not(file: Path) -> None:
    file.write_bytes(b" hunter2 \n\n")
    assert find({SECRET_FILE: str(file)}) == " hunter2 \n"


def test_the_variable_goes_before_the_file(file: Path) -> None:
    assert find({SECRET: "other", SECRET_FILE: str(file)}) == "other"


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o666, 0o610])
def test_a_file_that_others_may_read_or_write_is_refused_with_the_command(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(UsageError, match=f"{mode:04o}") as refused:
        find({SECRET_FILE: str(file)})
    assert refused.value.hint == f"chmod -R go-rwx {file}"
    file.chmod(0o600)
    assert find({SECRET_FILE: str(file)}) == "hunter2"


@posix
def test_a_file_of_somebody_else_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: file.stat().st_uid + 1)
    with pytest.raises(UsageError, match="belongs to user"):
        find({SECRET_FILE: str(file)})


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"", "is empty"), (b"\n", "is empty"), (b"\xff\xfe", "not UTF-8"), (b"a" * 70_000, "too long")],
)
def test_a_file_without_a_password_is_refused_without_telling_what_it_holds(file: Path, data: bytes, why: str) -> None:
    file.write_bytes(data)
    with pytest.raises(UsageError, match=why) as refused:
        find({SECRET_FILE: str(file)})
    assert "aaaa" not in refused.value.message


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read") as refused:
        find({SECRET_FILE: str(tmp_path / "gone")})
    assert SECRET_FILE in refused.value.hint
    with pytest.raises(UsageError, match=r"is no file|cannot be read"):
        find({SECRET_FILE: str(tmp_path)})
    with pytest.raises(UsageError, match="cannot be read"):
        find({SECRET_FILE: "a\0b"})


@posix
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(UsageError, match="is no file"):
        find({SECRET_FILE: str(tmp_path / "pipe")})
