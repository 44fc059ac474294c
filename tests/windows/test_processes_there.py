"""Processes on Windows: nothing outlives who started it, Ctrl-C ends a run in good order, statuses have 32 bits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from showcase.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import There

pytestmark = pytest.mark.windows

LEFT = "time.sleep(300)"
_LEAVES = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; {LEFT}'])"
CTRL_C = 0xC000013A


def audit(windows: There, *arguments: str, **asked: Any) -> Mapping[str, Any]:
    return windows.driven(windows.showcase("audit", *arguments), **asked)


def test_nothing_outlives_a_run_that_is_killed(windows: There) -> None:
    """Not even the child of a worker's child whose parent is gone."""
    out, worker = str(windows.there / "killed"), str(windows.there / "leaving_worker.py")
    command = windows.python_command(str(windows.there / "conduct.py"), out, worker, "hook", "sockets")
    came_to = windows.driven(command, how="kill", when=LEFT)
    assert came_to["ended_in_time"], came_to
    assert came_to["left"] == []


def test_what_outlives_a_session_is_counted_and_ended(windows: There) -> None:
    out, worker = windows.here / "outlived", str(windows.there / "leaving_worker.py")
    command = windows.python_command(
        str(windows.there / "conduct.py"), str(windows.there / "outlived"), worker, "hook", "sockets"
    )
    came_to = windows.driven(command)
    assert came_to["status"] == ExitCode.BROKEN, came_to
    assert came_to["left"] == []
    run = json.loads((out / "run-log.json").read_text(encoding="utf-8"))
    processes = next(claim for claim in run["claims"] if claim["id"] == "processes")
    assert processes["status"] == "broken"
    assert "outlived a session" in processes["reason"]


def test_ctrl_c_ends_a_run_in_good_order(windows: There) -> None:
    command = windows.showcase("run", "--engine", "rehearsal", "--out", str(windows.there / "broken-off"))
    came_to = windows.driven(command, how="Ctrl-C", when="--role session 1", after_s=1.0)
    assert came_to["ended_in_time"], came_to
    assert came_to["left"] == []
    assert came_to["status"] == ExitCode.INCONCLUSIVE, came_to
    assert "SIGINT" in came_to["out"] + came_to["err"]
    run = json.loads((windows.here / "broken-off" / "run-log.json").read_text(encoding="utf-8"))
    assert run["interrupted"] == "SIGINT"


def test_ctrl_break_is_heard_while_a_session_takes_its_time(windows: There) -> None:
    """Raised from within: Wine's C runtime hands on Ctrl-C alone. No event comes while the worker sleeps."""
    out = windows.there / "break"
    slow = str(windows.there / "sleeping_worker.py")
    came_to = windows.driven(windows.python_command(str(windows.there / "breaking.py"), str(out), slow))
    assert came_to["left"] == []
    assert came_to["status"] == ExitCode.INCONCLUSIVE, came_to
    run = json.loads((windows.here / "break" / "run-log.json").read_text(encoding="utf-8"))
    assert run["interrupted"] == "SIGBREAK"
    assert not list((windows.here / "break").rglob("woke"))


def test_a_person_types_at_a_console(windows: There) -> None:
    """Enter goes on, Ctrl-C ends the run while it waits for Enter."""
    command = ("-m", "showcase", "run", "--engine", "rehearsal", "--step", "--plain", "--out")
    shown = windows.typed_to(*command, str(windows.there / "step"), prompt=b"Ctrl-C to", keys=[b"\r", b"\x03"])
    assert b"session 1 has ended" in shown, shown
    run = json.loads((windows.here / "step" / "run-log.json").read_text(encoding="utf-8"))
    assert run["interrupted"] == "SIGINT"
    assert [session["exit_code"] for session in run["sessions"]] == [0]


def test_ctrl_c_ends_an_audited_command_and_the_log_says_so(windows: There) -> None:
    log = windows.here / "break.json"
    arguments = ("--log", str(windows.there / log.name), "--", *windows.python_command("-c", f"import time; {LEFT}"))
    came_to = audit(windows, *arguments, how="Ctrl-C", when=f"-c import time; {LEFT}", after_s=1.5)
    assert came_to["left"] == []
    assert json.loads(log.read_text(encoding="utf-8"))["command"]["exit_code"] == CTRL_C
    assert "ended with exit status 3221225786 (0xC000013A: Ctrl-C or Ctrl-Break)" in came_to["err"]


def test_nothing_outlives_an_audit_that_is_killed(windows: There) -> None:
    command = windows.python_command("-c", f"{_LEAVES}; import time; time.sleep(200)")
    came_to = audit(windows, "--", *command, how="kill", when=f"-c import time; {LEFT}", after_s=0.5)
    assert came_to["ended_in_time"], came_to
    assert came_to["left"] == []


def test_what_an_audited_command_leaves_behind_is_named_and_ended(windows: There) -> None:
    came_to = audit(windows, "--json", "--", *windows.python_command("-c", _LEAVES))
    assert came_to["left"] == []
    document = json.loads(came_to["out"])
    sockets = next(witness for witness in document["witnesses"] if witness["name"] == "sockets")
    note = next(row["note"] for row in sockets["coverage"] if row["role"] == "command")
    assert "(python.exe) outlived the command" in note
    assert "was ended" in note
    assert document["command"]["ended_s"] - document["command"]["started_s"] < 8, "it is not the time of what it left"


def test_a_command_whose_time_is_up_is_ended_with_all_it_started(windows: There) -> None:
    command = windows.python_command("-c", f"{_LEAVES}; import time; time.sleep(200)")
    came_to = audit(windows, "--json", "--for", "4s", "--", *command)
    assert came_to["left"] == []
    assert json.loads(came_to["out"])["command"]["ended_by"] == "duration"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("glossary",), ExitCode.ENVIRONMENT),
        (("audit", "--log", "-", "--", "cmd", "/c", "exit"), ExitCode.ENVIRONMENT),
        (("run", "--engine", "rehearsal", "--out", r"Z:\win\unread"), ExitCode.UPHELD),
    ],
    ids=["glossary", "audit", "run"],
)
def test_whoever_read_our_output_has_gone(windows: There, arguments: tuple[str, ...], status: ExitCode) -> None:
    asked = windows.here / f"{arguments[0]}.json"
    command = windows.showcase(*(str(windows.there / "unread") if "unread" in each else each for each in arguments))
    asked.write_text(json.dumps(command))
    done = windows.run(str(windows.there / "unread.py"), str(windows.there / asked.name))
    said = asked.with_suffix(".err").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == status, said
    assert "Invalid argument" not in said


@pytest.mark.parametrize("code", [1, 255, 256, 70_000, 0xC0000005])
def test_a_status_is_passed_on_whole(windows: There, code: int) -> None:
    signed = code - (1 << 32) if code >= 1 << 31 else code
    command = windows.python_command("-c", f"import os; os._exit({signed})")
    came_to = audit(windows, "--pass-exit", "--", *command)
    assert came_to["status"] == code
    assert f"ended with exit status {code}" in came_to["err"]
