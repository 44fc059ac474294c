"""What another system would be told, asked here: its names, its errors, its commands. Nothing of it runs there."""

from __future__ import annotations

import ctypes
import errno
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from showcase import orphans
from showcase.audit import unrun, windows
from showcase.endings import ending
from showcase.job_object import JobObject, Limits
from showcase.report import commands
from showcase.shell import of_system

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.evidence import Run

LINUX_ONLY = ("free ", "namei", "sed -i 's", "fuser -v", "sha256sum", "/proc", " ss ", "nsenter")


def refused(code: int) -> OSError:
    error = OSError(errno.EINVAL, "Invalid argument")
    error.winerror = code  # type: ignore[attr-defined]  # as Windows' own carry it
    return error


@pytest.mark.parametrize(
    ("code", "why", "hint"),
    [
        (2, "there is no such program", "where.exe tool"),
        (193, "it is no program that this system knows", ".exe"),
        (206, "32,767 characters", "into a file"),
        (740, "an administrator", "administrator"),
        (9999, "Invalid argument", "dir tool"),
    ],
)
def test_why_windows_would_not_run_it(code: int, why: str, hint: str) -> None:
    error = unrun.not_run(["tool", "x"], refused(code), {}, None)
    assert why in error.message
    assert hint in error.hint


def test_a_script_is_given_its_interpreter_on_windows() -> None:
    error = unrun.not_run(["it.ps1", "x"], refused(193), {}, None)
    assert error.hint == "showcase audit -- powershell -File it.ps1 x"


def test_an_error_of_another_system_is_none_of_windows() -> None:
    assert windows.reason(["tool"], OSError(errno.ENOENT, "No such file")) is None


@pytest.mark.parametrize(("name", "there"), [("./tool", "tool.cmd"), ("./tool.cmd", "tool.cmd"), ("./tool.cmd", None)])
def test_pathext_says_what_may_be_left_out(tmp_path: Path, name: str, there: str | None) -> None:
    (tmp_path / "tool").touch()  # no program there
    if there is not None:
        (tmp_path / there).touch()
    found = windows.found(name, {"PATHEXT": ".exe;.cmd"}, tmp_path)
    assert found == (None if there is None else f"{tmp_path}/./{there}")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "exit status 0"),
        (-9, "signal 9"),
        (255, "exit status 255"),
        (256, "exit status 256 (0x00000100)"),
        (0xC000013A, "exit status 3221225786 (0xC000013A: Ctrl-C or Ctrl-Break)"),
    ],
)
def test_how_a_process_ended(code: int, words: str) -> None:
    assert ending(code) == words


def test_a_job_has_the_limits_of_the_header() -> None:
    assert ctypes.sizeof(Limits) == {8: 144, 4: 112}[ctypes.sizeof(ctypes.c_void_p)]


@pytest.mark.skipif(sys.platform == "win32", reason="there are job objects here")
def test_there_is_no_job_elsewhere() -> None:
    with pytest.raises(OSError, match="no job objects"):
        JobObject()
    assert not any(map(orphans.is_of_the_system, orphans.family()))


def test_no_command_of_linux_alone_is_named_on_macos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unsealed: Run
) -> None:
    monkeypatch.setattr(unrun, "here", lambda: of_system("Darwin"))
    file = tmp_path / "program"
    hints = []
    for content, mode, error in (
        (b"#!/bin/sh\r\n", 0o755, errno.ENOENT),
        (b"echo\n", 0o755, errno.EACCES),
        (b"echo\n", 0o755, errno.ETXTBSY),
        (b"echo\n", 0o644, errno.EACCES),
    ):
        file.write_bytes(content)
        file.chmod(mode)
        hints.append(unrun.not_run([str(file)], error, {}, None).hint)
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    hints.append(unrun.not_run([str(tmp_path / "nowhere")], errno.ENOENT, {}, None).hint)
    hints.append(unrun.not_run([str(file)], 0, {}, None).hint)
    there = replace(unsealed, platform=replace(unsealed.platform, system="Darwin"))
    hints += [check.command for check in commands.afterwards(there)]
    hints += [check.command for check in commands.live(there) if "(Linux" not in check.purpose]
    assert not [hint for hint in hints if any(word in f"{hint} " for word in LINUX_ONLY)]
