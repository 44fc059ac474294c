"""Words, paths and files of the program on Windows, as far as a stand-in for it tells."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING

import pytest

from showcase.shell import CommandPrompt

if TYPE_CHECKING:
    import subprocess

    from conftest import There

pytestmark = pytest.mark.windows

NASTY = ("a b", "it's", 'say "x"', "a&b|c>d", "^", "end\\", 'end\\" x', "(a)", "")
"""No percent signs: the stand-in's command prompt keeps the caret before one, which Windows' own takes away."""

ECHO = "import sys; print(ascii(sys.argv[1:]))"
SETTLED = (
    "import sys; from showcase.cli import signs; signs.settle(sys.stdout); "
    "print('\\u2713 \\u201csaid\\u201d \\u2026 \\u2212 \\u2192 \\u2501 \\u6771')"
)
AS_TOLD = "import os, sys, subprocess; os.environ.update(eval(sys.argv[1])); sys.exit(subprocess.call(sys.argv[2:]))"
"""Sets variables: a stand-in may pass none on."""

LIKE_TYPED = "import subprocess, sys; sys.exit(subprocess.call('cmd /s /c \"' + sys.argv[1] + '\"'))"


def python(windows: There, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    if variables:
        return windows.run("-c", AS_TOLD, repr(variables), windows.python, *arguments)
    return windows.run(*arguments)


def program(windows: There, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return python(windows, "-m", "showcase", *arguments, **variables)


@pytest.mark.parametrize("encoding", ["cp1252", "cp437"])
def test_signs_in_its_code_pages(windows: There, encoding: str) -> None:
    done = python(windows, "-c", SETTLED, PYTHONIOENCODING=encoding)
    assert done.stdout.strip() == '+ "said" ... - -> # \\u6771', done.stderr
    told = program(windows, "run", "--help", PYTHONIOENCODING=encoding)
    assert told.returncode == 0
    assert "\\u" not in told.stdout
    assert told.stdout.isascii()


def test_the_command_prompt_hands_over_what_was_quoted(windows: There) -> None:
    """Through cmd.exe itself: a command line as it is typed there."""
    line = f'{windows.python} -c "{ECHO}" {CommandPrompt().joined(NASTY)}'
    done = windows.run("-c", LIKE_TYPED, line)
    assert ast.literal_eval(done.stdout.strip()) == list(NASTY), done.stderr


def test_hints_are_of_powershell_and_paths_its_own(windows: There) -> None:
    log = str(windows.there / "there is none" / "run-log.json")
    assert log in program(windows, "verify", log).stderr
    doctor = program(windows, "doctor", "--out", str(windows.there / "words"), "--json", OLLAMA_HOST="192.0.2.1")
    fixes = [finding["fix"] for finding in json.loads(doctor.stdout)]
    assert any(fix.startswith("$env:OLLAMA_HOST = 'http://127.0.0.1:11434'; ") for fix in fixes)
    assert not [fix for fix in fixes if "export " in fix or "--witness syscalls" in fix or "--witness seal" in fix]


@pytest.mark.parametrize("name", ["con", "aux.d", "out.", "a?b", "x" * 200])
def test_names_that_are_none_there(windows: There, name: str) -> None:
    done = program(windows, "run", "--engine", "rehearsal", "--out", f"{windows.there}\\{name}")
    assert done.returncode == 4
    assert "cannot be an output directory: " in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("scenario", "new"), "aux.toml"), (("scenario", "new"), r"\\.\COM1"), (("scenario", "new"), "x" * 250),
        (("init",), "con"), (("audit", "--log"), "nul.json"),
    ],
    ids=str,
)  # fmt: skip
def test_no_command_makes_what_is_none_there(windows: There, command: tuple[str, ...], name: str) -> None:
    given = name if name.startswith("\\") else f"{windows.there}\\{name}"
    before = sorted(path.name for path in windows.here.iterdir())
    done = program(windows, *command, given, *(("--", "cmd", "/c", "exit") if command[0] == "audit" else ()))
    assert done.returncode == 2, done.stderr
    assert "Windows" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in windows.here.iterdir()) == before


def test_one_output_directory_in_other_letters(windows: There) -> None:
    """Three phases, the directory named in other letters each time, are one run in one directory."""
    for phase, name in (("1", "By-Case"), ("2", "BY-CASE"), ("3", "by-case")):
        done = program(
            windows, "run", "--engine", "rehearsal", "--phase", phase, "--out", f"{windows.there}\\{name}",
        )  # fmt: skip
        assert done.returncode in (0, 3), done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    log = program(windows, "verify", f"{windows.there}\\bY-cASE\\RUN-LOG.JSON")
    assert log.returncode == 0, log.stderr
    assert [path.name for path in windows.here.iterdir() if path.name.lower() == "by-case"] == ["By-Case"]


def test_who_can_read_is_told_from_the_access_list(windows: There) -> None:
    code = (
        "import pathlib, tempfile; from showcase.orchestrator.output_directory import access; "
        "place = tempfile.mkdtemp(); print(ascii(access._access_list(place))); "
        "print(ascii(access.readers(pathlib.Path(place))))"
    )
    done = windows.run("-c", code)
    first, second = done.stdout.splitlines()
    assert "D:" in first, done.stderr
    assert "unknown=''" in second


HELD = """
import pathlib, tempfile
from contextlib import closing
from showcase.documents.destination import Destination, UnwritableError
from showcase.errors import StoreError
from showcase.scenes import plant
place = pathlib.Path(tempfile.mkdtemp())
log = place / "log.json"
log.write_text("old")
store = place / "store"
store.mkdir()
for name in ("a", "b", "c"):
    (store / name).write_text("kept")
with open(log) as one, open(store / "b") as other:
    with closing(Destination(log)) as destination:
        try:
            destination.write(b"new")
        except UnwritableError as error:
            print("document:", "another program has it open" in error.message)
    try:
        plant._empty(store)
    except StoreError as error:
        print("store:", "nothing of it was removed" in error.message)
    print(sorted(path.name for path in store.iterdir()))
print(log.read_text(), (place / "log-2.json").read_text())
plant._empty(store)
print(list(store.iterdir()))
"""


def test_what_is_held_open_is_kept(windows: There) -> None:
    script = windows.here / "held.py"
    script.write_text(HELD)
    done = windows.run(str(windows.there / script.name))
    assert done.stdout.splitlines() == [
        "document: True", "store: True", "['a', 'b', 'c']", "old new", "[]",
    ], done.stderr  # fmt: skip


def test_a_drill_is_held_by_those_who_can_look_there(windows: There) -> None:
    done = program(windows, "drill", "--short", "--json")
    assert "Traceback" not in done.stderr
    told = json.loads(done.stdout)
    assert told["unavailable"] == {"syscalls": "needs Linux", "seal": "needs Linux"}, done.stderr


def test_names_that_differ_by_case_are_one_file(windows: There) -> None:
    places = ("--log", str(windows.there / "Both.json"), "--report", str(windows.there / "both.JSON"))
    done = program(windows, "audit", *places, "--", "cmd", "/c", "exit")
    assert "would be overwritten" in done.stderr, done.stderr
