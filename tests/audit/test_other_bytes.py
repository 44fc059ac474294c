"""Arguments, variables and file names that are no UTF-8: spelled in log and page, and nothing seen is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from auditing import audit_command, python

from showcase import runlog
from showcase.documents.surrogates import escaped

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("watched", "sealable")

ODD = "x\udcff\udcfe"
SCRIPT = """
import socket, sys
for path in (b"/no/such/socket-\\xff", b"/no/such/socket-\\xfe"):
    with socket.socket(socket.AF_UNIX) as each:
        each.connect_ex(path)
with socket.socket() as each:
    each.connect(("192.0.2.10", 443))
"""


def showcase(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "showcase", *arguments],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )


def test_what_was_tried_is_in_log_page_and_verdict(tmp_path: Path) -> None:
    program = tmp_path / f"program-{ODD}"
    program.symlink_to(sys.executable)
    command = [str(program), *python(SCRIPT)[2:], ODD]
    log, page = tmp_path / "log.json", tmp_path / f"page-{ODD}.html"
    done = showcase(
        tmp_path,
        *audit_command("--seal", "--env", f"ODD={ODD}", "--log", str(log), "--report", str(page), "--", *command)[3:],
    )
    assert done.returncode == 1, done.stderr
    run = runlog.read(log)
    assert run.command is not None
    assert run.command.arguments[-1] == r"x\xff\xfe"
    assert run.command.arguments[0].endswith(r"program-x\xff\xfe")
    assert {row.name for row in run.connections if row.family == "unix"} == {
        r"/no/such/socket-\xff",
        r"/no/such/socket-\xfe",
    }
    assert r"x\xff\xfe" in page.read_text("utf-8")
    verified = showcase(tmp_path, "verify", str(log))
    assert verified.returncode == 1
    assert "The log's own verdicts are the same." in verified.stdout
    for more in (("-o", "again.html"), ("--redact", "-o", "redacted.html"), (str(log), "-o", "two.html")):
        assert showcase(tmp_path, "report", str(log), *more).returncode == 0


def test_what_two_saw_of_such_a_name_is_one_row_with_its_package(tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    script = "import os, socket\nsocket.socket(socket.AF_UNIX).connect_ex(os.fsdecode(b'/no/such/socket-\\xff'))"
    showcase(tmp_path, *audit_command("--seal", "--log", str(log), *python(script))[3:])
    (row,) = [row for row in runlog.read(log).connections if row.family == "unix"]
    assert row.name == r"/no/such/socket-\xff"
    assert {"hook", "syscalls"} <= set(row.witnesses)


def test_a_class_of_odd_names(tmp_path: Path) -> None:
    place = tmp_path / "handed-in" / f"ann-{ODD}"
    place.mkdir(parents=True)
    assert showcase(tmp_path, *audit_command("--log", str(place / "run-log.json"), "--", "true")[3:]).returncode == 0
    (tmp_path / "handed-in" / f"run-log-{ODD}.json").write_text("{}")
    assert showcase(tmp_path, "report", "--class", "handed-in").returncode == 2
    assert r"ann-x\xff\xfe" in (tmp_path / "handed-in" / "class.html").read_text("utf-8")


def test_a_run_says_that_chroma_takes_no_such_directory(tmp_path: Path) -> None:
    done = showcase(tmp_path, "run", "--engine", "rehearsal", "--out", ODD)
    assert done.returncode == 4
    assert "is not UTF-8" in done.stderr
    assert "showcase-output-2" in done.stderr
    assert not list(tmp_path.iterdir())


def test_what_is_spelled_can_be_told_from_what_was_there() -> None:
    assert escaped(("plain \\xff", "é", {"a\udcff\\": 1})) == ("plain \\xff", "é", {"a\\xff\\\\": 1})
    assert escaped("\ud83d") == "\\ud83d"
