"""`--step`: it waits, and the commands that it prints show what it says they show."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

if os.name == "nt":
    pytest.skip("pseudo-terminals are POSIX's", allow_module_level=True)

import pyte
from at_a_terminal import COLUMNS, ROWS, Terminal, seen

from showcase import runlog
from showcase.report.commands import live

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.evidence import Run

PROMPT = "Ctrl-C to end the run:"


def shell(command: str) -> str:
    wide = {**os.environ, "COLUMNS": "1000"}  # `ps` cuts a long path at the width of the terminal
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, timeout=60, env=wide)  # noqa: S602 - what a person would paste
    return done.stdout + done.stderr


@pytest.fixture(params=["sealed", "not sealed"])
def seal(request: pytest.FixtureRequest) -> str:
    """How a run is told whether to seal its sessions."""
    if request.param == "sealed" and not namespaces():
        pytest.skip("no namespaces here: nothing can be sealed")
    return "--seal" if request.param == "sealed" else "--no-seal"


def namespaces() -> bool:
    unshare = shutil.which("unshare")
    return unshare is not None and subprocess.run([unshare, "-Un", "true"], check=False, timeout=60).returncode == 0


def test_the_room_looks(tmp_path: Path, seal: str, log: Run) -> None:
    with Terminal(
        "run", "--engine", "rehearsal", seal, "--no-drill", "--step", "--out", str(tmp_path / "out")
    ) as terminal:
        for number in (1, 2, 3):
            pid = look_inside(terminal, number, sealed=seal == "--seal")
            offered_by_the_page(log, pid, sealed=seal == "--seal")
            terminal.type("\n")
            after = seen(terminal.read_until(PROMPT))
            assert f"pid {pid} is gone" in after
            assert (re.search(r"about \d+ seconds? here", after) is not None) is (number < 3)
            gone = tried(after)
            assert "showcase.worker" not in gone.pop("the process")
            assert_store(gone)
            terminal.type("\n")
        assert terminal.end() == 0, terminal.raw


def tried(said: str) -> dict[str, str]:
    """Run every command that is printed; return what each prints, by what it is said to show."""
    found = {}
    for block in seen(said).partition("Enter to")[0].split("\n  # ")[1:]:
        shows, command = block.split("\n", 1)
        program = command.split()[0]
        if shutil.which(program) is None:
            continue
        found[re.sub("nothing: gone", "the process", shows.strip())] = shell(command.replace("\n", "").strip())
    return found


def assert_store(found: dict[str, str]) -> None:
    if "every memory in it, in clear text" in found:
        assert "peanuts" in found["every memory in it, in clear text"]
        assert "embedding_metadata" in found["the store's tables"]
    assert "rehearsal" in found.get("what the model server holds in memory", "rehearsal")


def on_screen(raw: str, height: int = ROWS) -> str:
    """Return what a person has before them."""
    screen = pyte.Screen(COLUMNS, height)
    pyte.Stream(screen).feed(raw)
    return "\n".join(line.rstrip() for line in screen.display)


def look_inside(terminal: Terminal, number: int, *, sealed: bool) -> str:
    """Try all that is printed while a session is alive; return its pid."""
    said = terminal.read_until(PROMPT)
    text = on_screen(terminal.raw)
    found = re.search(rf"session {number} is alive as pid (\d+)", text)
    assert found
    pid = found[1]
    assert_shown(text[: found.start()], number)
    printed = tried(said)
    assert "showcase.worker" in printed["the process"]
    assert pid in printed.get("the store, open", pid), "the store is open in that very process"
    assert_store(printed)
    connections = next((what for what in printed if what.startswith("its connections")), None)
    if connections is not None:
        assert (connections != "its connections") is sealed
        assert re.search(rf"127\.0\.0\.1:\d+.*\b{pid}\b|\b{pid}\b.*127\.0\.0\.1:\d+", printed[connections])
    return pid


def assert_shown(before: str, number: int) -> None:
    block = before.rpartition(f"session {number}  ")[2]
    told = {1: ("planted",), 2: ("asked", "━", "was told"), 3: ("planted", "asked", "━", "was told")}[number]
    places = [block.find(what) for what in told]
    assert -1 not in places, f"it is on the screen before anybody is asked to look: {before}"
    assert places == sorted(places)


def test_on_a_low_screen_the_commands_wait_until_somebody_wants_them(tmp_path: Path) -> None:
    """They are so many that they would push off what the session has just shown."""
    low = 24
    with Terminal(
        "run",
        "--engine",
        "rehearsal",
        "--witness",
        "hook",
        "--no-drill",
        "--step",
        "--out",
        str(tmp_path / "out"),
        height=low,
    ) as terminal:
        for number in (1, 2, 3):
            terminal.read_until("Enter to see what to try in a second shell, Ctrl-C to end the run:")
            text = on_screen(terminal.raw, low)
            before, alive, _ = text.partition(f"session {number} is alive as pid ")
            assert alive
            assert f"session {number}  " in before
            assert_shown(before, number)
            terminal.type("\n")
            terminal.read_until("Enter to go on, Ctrl-C")
            text = on_screen(terminal.raw, low)
            assert "# the process" in text, "the first command is on the screen too"
            assert "# what the model server holds in memory" in text
            terminal.type("\n")
            terminal.read_until("write log and page, Ctrl-C" if number == 3 else "begin the next session")
            terminal.type("\n")
        assert terminal.end() == 0, terminal.raw


def offered_by_the_page(log: Run, pid: str, *, sealed: bool) -> None:
    """Try what the page of such a run offers for the time in which a session lives."""
    reports = tuple(replace(each, active=each.active and (sealed or each.name != "seal")) for each in log.witnesses)
    offered = {check.purpose: check.command for check in live(replace(log, witnesses=reports))}
    # Other runs may be going on on this machine: theirs are found too.
    assert re.search(rf"^ *{pid} ", shell(offered["See that the sessions are processes of their own"]), re.MULTILINE)
    sockets = offered["See every socket of a session"]
    if all(shutil.which(program) for program in ("nsenter", "ss", "lsof")):
        assert ("nsenter" in sockets) is sealed
        assert (
            pid
            in shell(sockets[sockets.index("pgrep") : sockets.index(")")].replace("-n ", "")).replace(",", " ").split()
        )
        mine = sockets.replace(sockets[sockets.index('"$(') : sockets.index(')"') + 2], pid)
        assert re.search(rf"127\.0\.0\.1:\d+.*\b{pid}\b|\b{pid}\b.*127\.0\.0\.1:\d+", shell(mine))


def test_ctrl_c_at_a_pause_ends_the_run(tmp_path: Path) -> None:
    with Terminal(
        "run",
        "--engine",
        "rehearsal",
        "--witness",
        "hook",
        "--no-drill",
        "--step",
        "--plain",
        "--out",
        str(tmp_path / "out"),
    ) as terminal:
        terminal.read_until(PROMPT)
        terminal.type("\x03")
        assert terminal.end() == 3, terminal.raw
    log = runlog.read(tmp_path / "out" / "run-log.json")
    assert log.interrupted == "SIGINT"
    assert log.sessions[0].planted


def test_it_needs_somebody_to_wait_for(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "showcase", "run", "--step", "--out", tmp_path / "out"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "stdin is no terminal" in done.stderr
    assert not (tmp_path / "out").exists()
