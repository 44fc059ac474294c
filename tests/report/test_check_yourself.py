"""The commands that the page offers to doubters print what it says they print."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from run_builder import whole_run

from showcase.report import commands, redact, render

if TYPE_CHECKING:
    from conftest import Finished


def outputs(finished: Finished) -> dict[str, tuple[str, str]]:
    """Run every command on what a real run left; return what each printed and what it was to print."""
    python = f"'{sys.executable}'"
    printed = {}
    shell = shutil.which("sh")
    assert shell is not None
    for check in commands.afterwards(finished.log):
        line = check.command.replace("python3", python).replace("showcase verify", f"{python} -m showcase verify")
        line = line.replace("showcase-output", finished.out.name)
        program = line.split()[0].strip("'")
        if shutil.which(program) is None:
            continue
        done = subprocess.run(
            [shell, "-c", line], cwd=finished.out.parent, capture_output=True, text=True, timeout=60, check=False
        )
        printed[check.command.split()[0]] = (done.stdout, check.expect)
    return printed


@pytest.mark.skipif(shutil.which("sh") is None, reason="the commands are for a POSIX shell")
def test_every_command_prints_what_the_page_says(finished: Finished) -> None:
    printed = outputs(finished)
    log = finished.log
    assert {"showcase", "head", "grep", "python3", "sha256sum"} <= set(printed)
    assert "The log's own verdicts are the same." in printed["showcase"][0]
    assert f'"pid": {log.sessions[2].pid}' in printed["head"][0]
    assert printed["grep"] == ("0\n", "0")
    assert printed["python3"][0].count("\n") == len(log.connections)
    digest, expected = printed["sha256sum"]
    assert digest.split()[0] == expected.split(",")[0]


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="no sqlite3 command here (Debian: apt-get install sqlite3)")
def test_store_shows_its_rows_without_mem0(finished: Finished) -> None:
    rows, expected = outputs(finished)["sqlite3"]
    users = [line.partition("|")[0] for line in rows.splitlines()]
    assert (users, expected.split()[0]) == (["alice"] * 4 + ["bob"], "5")


def test_grep_for_a_memory_would_find_it_where_it_is(finished: Finished) -> None:
    """The control of the command that must print 0: in the events of the session that planted it, it does not."""
    planted = finished.log.sessions[0]
    events = (finished.out / planted.events_file).read_text(encoding="utf-8")
    assert planted.planted[0].memory_id in events


def test_commands_survive_what_is_missing_and_what_is_hostile() -> None:
    nothing = whole_run(sessions=(), controls=(), engine=None)
    assert [check.command.split()[0] for check in commands.afterwards(nothing)] == ["showcase", "python3", "sqlite3"]
    whole = whole_run()
    assert whole.engine is not None
    for check in (*commands.afterwards(whole), *commands.live(nothing)):
        assert check.purpose
        assert check.expect


def test_redacted_page_offers_only_what_its_reader_has() -> None:
    page = render(redact(whole_run()), redacted=True)
    assert "showcase verify run-log.json" in page
    assert "showcase-output/" not in page
