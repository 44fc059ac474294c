"""The watched cannot open what its supervisor writes down, nor another process that could act for it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from auditing import Auditor, python

from showcase import claims
from showcase.witnesses.syscalls.command import supervised
from showcase.witnesses.syscalls.record.testimony import read
from showcase.witnesses.syscalls.supervisor import fence

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("watched")
ordinary = pytest.mark.skipif(
    os.geteuid() == 0 or not fence.version(),
    reason="an audit of root's is a sample anyway, and so is one without Landlock",
)

EDITS = """
import glob, os, socket, sys
socket.socket().connect_ex(("127.0.0.1", int(sys.argv[1])))
edited = 0
for link in glob.glob("/proc/[0-9]*/fd/*"):
    try:
        if "memfd:records" not in os.readlink(link):
            continue
        with open(link, "r+b") as records:
            kept = [line for line in records if b'"call":"connect"' not in line]
            records.seek(0); records.writelines(kept); records.truncate()
        edited += 1
    except OSError:
        pass
print("edited", edited)
"""
"""Looks through all processes of its user for the records of a supervisor, and strikes its own connection out."""

OPENS = """
import os, sys
opened = []
for name, how in (("mem", os.O_RDWR), ("fd/0", os.O_RDONLY), ("environ", os.O_RDONLY), ("root/etc", os.O_RDONLY)):
    try:
        os.close(os.open(f"/proc/{sys.argv[1]}/{name}", how))
        opened.append(name)
    except OSError:
        pass
print(*opened)
"""


@ordinary
def test_records_are_not_edited_by_who_is_recorded(run: Auditor, outside_port: int) -> None:
    done = run(*python(EDITS, str(outside_port)))
    assert done.stdout == "edited 0\n", done.stderr
    assert (done.exit_code, done.egress.status) == (1, "broken"), done.stderr
    assert [row.port for row in done.rows("connect") if row.role == "command"] == [outside_port]


@ordinary
def test_no_other_process_of_the_user_is_opened_but_those_that_it_started(run: Auditor) -> None:
    opens = [sys.executable, "-c", OPENS]
    bystander = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    try:
        before = subprocess.check_output([*opens, str(bystander.pid)], text=True)
        assert "environ" in before.split(), "outside of an audit it can be opened"
        assert run("--", *opens, str(bystander.pid)).stdout == "\n"
        child = "import subprocess, sys; child = subprocess.Popen(['cat'], stdin=subprocess.PIPE); "
        own = child + "subprocess.run([*sys.argv[1:], str(child.pid)]); child.communicate()"
        assert run(*python(own, *opens)).stdout == before
    finally:
        bystander.communicate()


@ordinary
def test_a_fence_forbids_nothing_else(run: Auditor, tmp_path: Path) -> None:
    """Files move between directories, signals reach other processes of the user, files are read and written."""
    script = f"""
import os, signal
os.mkdir({str(tmp_path / "a")!r}); os.mkdir({str(tmp_path / "b")!r})
open({str(tmp_path / "a" / "x")!r}, "w").write("moved")
os.rename({str(tmp_path / "a" / "x")!r}, {str(tmp_path / "b" / "x")!r})
os.kill({os.getpid()}, 0)
print(open({str(tmp_path / "b" / "x")!r}).read())
"""
    assert run(*python(script)).stdout == "moved\n"


@ordinary
def test_a_program_that_wanted_to_mount_and_failed_shows_nothing(run: Auditor) -> None:
    """As a sandbox does that makes a file system of its own for what it starts."""
    script = """
import ctypes, sys
library = ctypes.CDLL(None, use_errno=True)
if library.unshare(0x10020000): sys.exit(42)
sys.exit(library.mount(None, b"/", None, 0x40000 | 0x4000, None) != 0)
"""
    ended = subprocess.run([sys.executable, "-c", script], check=False).returncode
    if ended == 42:
        pytest.skip("no namespace of users can be made here")
    assert ended == 0, "it may where nobody watches it"
    done = run(*python(script))
    assert done.egress.status == "inconclusive"
    assert "watched, it was refused mount (1 time), and it ended with exit status 1" in done.egress.reason


@ordinary
def test_a_command_without_a_fence_gives_a_sample(run: Auditor) -> None:
    log = run("--", "true").run
    told = {each.name: each.counts for each in log.witnesses}
    assert told["syscalls"]["unfenced"] == 0
    reports = tuple(
        replace(each, counts={**each.counts, "unfenced": 1}) if each.name == "syscalls" else each
        for each in log.witnesses
    )
    fenced, verdict = (
        next(each for each in claims.judge(item) if each.id == "egress")
        for item in (log, replace(log, witnesses=reports))
    )
    assert (fenced.status, fenced.level) == ("upheld", "recorded")
    assert (verdict.status, verdict.level) == ("upheld", "sampled")
    assert any("could open other processes of its user" in limit for limit in verdict.limits)


def test_a_supervisor_says_that_it_could_not_raise_one(tmp_path: Path) -> None:
    """On a kernel without Landlock."""
    told = {}
    for name, planted in (("with", ""), ("without", "fence.raise_fence = lambda **_: 0; ")):
        records = tmp_path / name
        command = list(supervised(records, ["true"]))
        start = command.index("-c") + 1
        command[start] = command[start].replace(
            "main(sys", f"from showcase.witnesses.syscalls.supervisor import fence; {planted}main(sys"
        )
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, start_new_session=True)
        told[name] = next(record for record in read(records) if record["event"] == "launched")["fenced"]
    assert told == {"with": os.geteuid() != 0 and fence.version() > 0, "without": False}
