"""What another system would be told, asked here: its names, its errors, its commands. Nothing of it runs there."""

from __future__ import annotations

import ctypes
import errno
import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from showcase.audit import unrun, windows
from showcase.processes import orphans
from showcase.processes.job_object import JobObject, Limits
from showcase.report import commands
from showcase.shell import of_system
from showcase.shell.endings import ending

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.evidence import Run

LINUX_ONLY = ("free ", "namei", "sed -i 's", "fuser -v", "sha256sum", "/proc", " ss ", "nsenter", "prlimit",
              "readlink -f", "--preserve", "strace", "/sys/", "getent", "apt", "systemctl")  # fmt: skip


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
    hints += [of_system("Darwin").allow_open_files(1024, raised=raised) for raised in (True, False)]
    there = replace(unsealed, platform=replace(unsealed.platform, system="Darwin"))
    hints += [check.command for check in commands.afterwards(there)]
    hints += [check.command for check in commands.live(there) if "(Linux" not in check.purpose]
    assert not [hint for hint in hints if any(word in f"{hint} " for word in LINUX_ONLY)]


OPTIONS = {
    "ps": {"-o", "-p"}, "pgrep": {"-d", "-f", "-n"}, "lsof": {"-n", "-P", "-a", "-i", "-p", "-s"},
    "ls": {"-l", "-d", "-R"},
    "df": {"-h"}, "grep": {"-c", "-i", "-n"}, "head": {"-n", "-c"}, "cp": {"-a"}, "chmod": {"-R"}, "sed": {"-i"},
    "mkdir": {"-p"}, "rm": {"-r"}, "readlink": {"-f"}, "shasum": {"-a"}, "ulimit": {"-n", "-u"},
}  # fmt: skip
"""What each tool of macOS has of what is told. Source: the manual pages and sources that Apple publishes (adv_cmds,
lsof, file_cmds, text_cmds); `shasum` and `ulimit` by POSIX and Perl."""

WITH_VALUE = {"ps": "op", "pgrep": "d", "lsof": "ps", "head": "nc", "shasum": "a", "ulimit": "n", "sed": "i"}
"""The options of those that take what follows."""


def options_of(line: str) -> dict[str, set[str]]:
    """Return the options of each tool in a line."""
    found: dict[str, set[str]] = {}
    words = re.sub(r"['\"$();|&]", " ", re.sub(r"(?<=-f )' -m[^']*'", "PATTERN", line)).split()
    tool, skip = "", False
    for word in words:
        if word in OPTIONS:  # also within another's value
            tool, skip = word, False
            found.setdefault(tool, set())
        elif skip:
            skip = False
        elif tool and word == "--":
            tool = ""
        elif tool and re.match(r"-[A-Za-z]", word):
            for at, letter in enumerate(word[1:]):
                found[tool].add(f"-{letter}")
                if letter in WITH_VALUE.get(tool, "") or (tool == "lsof" and letter == "i"):
                    skip = at == len(word) - 2 and letter != "i"
                    break
    return found


def test_options_of_tools_are_those_of_macos(unsealed: Run) -> None:
    mac = of_system("Darwin")
    there = replace(unsealed, platform=replace(unsealed.platform, system="Darwin"))
    lines = [check.command for check in (*commands.afterwards(there), *commands.live(there))]
    lines = [line for line in lines if "nsenter" not in line and "strace" not in line]
    lines += [
        mac.process(7), mac.connections_of(7), str(mac.open_file_of(7, "x")), mac.listeners(7), mac.sessions(),
        mac.sockets_of_sessions(sealed=False), mac.listing("x"), mac.who_may("x"), mac.way_to("x"), mac.below("x"),
        mac.free_space("x"), mac.copy_all("x", "y"), mac.target_of("x"), mac.digest("x"), mac.first_line("x"),
        mac.only_for_its_owner("x"), mac.make_writable("x"), mac.lines_with("t", "x"), mac.count_with("t", "x"),
        mac.make_directory("x"), mac.remove_all("x"), mac.end_lines_as_here("x"), mac.limits(), mac.who_has_open("x"),
        mac.allow_open_files(7, raised=True),
    ]  # fmt: skip
    told: dict[str, set[str]] = {}
    for line in lines:
        for tool, options in options_of(line).items():
            told.setdefault(tool, set()).update(options)
    assert {"ps", "pgrep", "lsof"} <= set(told), "the control: these are told"
    assert {"-o", "-p"} <= told["ps"]
    assert {"-d", "-f"} <= told["pgrep"]
    assert not {tool: options - OPTIONS[tool] for tool, options in told.items() if options - OPTIONS[tool]}
    assert options_of("ps -fp 7 --forest")["ps"] == {"-f", "-p"}, "it sees what macOS has not"
