"""What stays on a terminal when the live view is over: what the plain lines say, whole, once, and nothing else."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import shutil
import struct
import subprocess
import sys
import termios
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if os.name == "nt":
    pytest.skip("pseudo-terminals are POSIX's", allow_module_level=True)

import pyte
from at_a_terminal import TIMEOUT_S, environment
from played import LINGERS, MEMORIES, USERS, words

if TYPE_CHECKING:
    from collections.abc import Callable

PLAYED = Path(__file__).with_name("played.py")
ROUNDS = 50
FAST = 400
"""Frames a second: as many as there can be, so that each printing has one beside it."""

END = "=== end of round"


class Emulated:
    """What `played.py` leaves on a terminal of this size."""

    def __init__(self, columns: int, rows: int, log: Path, *, rounds: int = ROUNDS) -> None:
        self.screen = pyte.HistoryScreen(columns, rows, history=1_000_000)
        self._stream = pyte.ByteStream(self.screen)
        self.terminal, child = os.openpty()
        self._widest = columns
        self.resize(columns)
        self._process = subprocess.Popen(
            [sys.executable, str(PLAYED), str(rounds), str(FAST), "14", str(log)],
            stdin=child,
            stdout=child,
            stderr=child,
            start_new_session=True,
            env=environment({"TERM": "xterm-256color"}),
        )
        os.close(child)

    def resize(self, columns: int) -> None:
        """Make it narrower or wider; unlike pyte's own way this cuts nothing off what is there already."""
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", self.screen.lines, columns, 0, 0))
        self.screen.columns = columns

    def play(self, now_and_then: Callable[[], None] = lambda: None) -> list[str]:
        """Read to the end; return every line that is on the screen or left it at the top."""
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            assert time.monotonic() < deadline
            try:
                data = os.read(self.terminal, 4096)
            except OSError:  # Linux's way to say that the other side is closed
                break
            if not data:
                break
            self._stream.feed(data)
            now_and_then()
        assert self._process.wait(timeout=TIMEOUT_S) == 0
        os.close(self.terminal)
        self.screen.columns = self._widest
        before = [
            "".join(line[column].data for column in range(self._widest)).rstrip() for line in self.screen.history.top
        ]
        return [*before, *(line.rstrip() for line in self.screen.display)]


def rounds_of(lines: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in lines:
        if line.startswith(END):
            found.append([])
        else:
            found[-1].append(line)
    return found[:-1]


def text_of(lines: list[str]) -> str:
    """Return the letters alone: where lines were broken, and how wide a sign is, is the terminal's affair."""
    return letters("".join(line.strip() for line in lines))


def letters(text: str) -> str:
    return re.sub(r"[^\w.;:?-]", "", unicodedata.normalize("NFC", text))


def assert_whole(lines: list[str], plain: list[str]) -> None:
    """Hold what is on the terminal against the plain lines of the same events."""
    on_screen = text_of(lines)
    for line in plain:
        for part in re.findall(r"“([^”]*)”", line) or [line.partition("  ")[0]]:
            assert letters(part) in on_screen, f"{part!r} is gone"
    for number in (2, 3):
        assert on_screen.count(letters("".join(words(number)))) == 1, f"the answer {number} is there once, to its end"
    for number in (1, 2, 3):
        assert on_screen.count(f"anotefromelsewhereinsession{number}") == 1
    titles = [line for line in lines if re.search(r"(?:session \d|control empty-store)  .*\d s$", line)]
    assert [line[:11] for line in titles] == ["✓ session 1", "✓ session 2", "✓ control e", "✓ session 3"]
    assert not [line for line in lines if line.startswith(("● ", "witnesses:"))], "and nothing that was going on"
    assert "are not shown" not in " ".join(lines)


@pytest.mark.parametrize(("columns", "rows"), [(60, 24), (80, 24), (120, 40), (80, 8), (30, 4)])
def test_what_is_over_stays_whole(tmp_path: Path, columns: int, rows: int) -> None:
    """Fifty runs with a frame beside each printing; at 8 rows and fewer the frames are taller than the terminal."""
    log = tmp_path / "plain.json"
    found = rounds_of(Emulated(columns, rows, log).play())
    plain = json.loads(log.read_text())
    assert len(found) == ROUNDS
    for lines in found:
        assert_whole(lines, plain)


def test_the_order_is_that_of_what_happened(tmp_path: Path) -> None:
    lines = rounds_of(Emulated(80, 24, tmp_path / "plain.json", rounds=1).play())[0]
    second = [line.strip() for line in lines[lines.index(next(x for x in lines if x.startswith("✓ session 2"))) :]]
    places = [
        next(n for n, line in enumerate(second) if re.match(what, line)) for what in ("asked", "0.90 ━", "was told")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("columns", [20, 30, 40, 60, 80])
def test_the_time_is_never_cut(tmp_path: Path, columns: int) -> None:
    lines = rounds_of(Emulated(columns, 24, tmp_path / "plain.json", rounds=1).play())[0]
    titles = [line for line in lines if line.startswith("✓ ")]
    assert len(titles) == len(USERS) + 1
    assert all(re.search(r" \d+\.\d s$", title) for title in titles), titles


def test_resizes_destroy_nothing(tmp_path: Path) -> None:
    """A terminal that does not break its lines again, as pyte is one: made narrower and wider while it works."""
    log = tmp_path / "plain.json"
    emulated = Emulated(120, 24, log, rounds=20)
    sizes = (70, 120, 90, 60, 100)
    read = 0

    def now_and_then() -> None:
        nonlocal read
        read += 1
        if read % 5 == 0:
            emulated.resize(sizes[read // 5 % len(sizes)])

    found = rounds_of(emulated.play(now_and_then))
    assert read > 5 * len(sizes), "there was a resize of each kind"
    assert len(found) == 20
    for lines in found:
        answers = text_of(lines)
        for number in (2, 3):
            assert answers.count(f"end-of-answer-{number}") == 1
        assert len([line for line in lines if line.startswith("✓ ")]) == len(USERS) + 1
        assert not [line for line in lines if line.startswith(("● ", "witnesses:"))]
        assert sum(letters(MEMORIES[0])[:20] in letters(line) for line in lines) == 4


@pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux here (Debian: apt-get install tmux)")
def test_a_terminal_that_breaks_its_lines_again_keeps_what_is_over(tmp_path: Path) -> None:
    """A window of tmux, made narrower and wider while frames are drawn; rows of an old frame may be left there."""
    socket, log = tmp_path / "socket", tmp_path / "plain.json"

    def tmux(*arguments: str) -> str:
        command = ["tmux", "-S", str(socket), "-f", os.devnull, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=TIMEOUT_S).stdout

    played = shlex.join([sys.executable, str(PLAYED), "1", "50", "14", str(log), "--linger"])
    # What a window remembers is settled when it is made: the first one is there to set it for the second.
    tmux("new-session", "-d", "-x", "120", "-y", "30", "sleep 1000", ";", "set-option", "-g", "history-limit", "100000")
    try:
        tmux("set-option", "-g", "remain-on-exit", "on")
        tmux("new-session", "-d", "-s", "played", "-x", "120", "-y", "30", played)
        deadline = time.monotonic() + TIMEOUT_S
        for place, columns in zip(LINGERS, ("70", "110", "60"), strict=True):
            while f"word2x{place} " not in tmux("capture-pane", "-p", "-J", "-t", "played") + " ":
                assert time.monotonic() < deadline
            tmux("resize-window", "-t", "played", "-x", columns, "-y", "30")
        while END not in (shown := tmux("capture-pane", "-p", "-J", "-S", "-", "-t", "played")):
            assert time.monotonic() < deadline
    finally:
        tmux("kill-server")
    lines = rounds_of([line.rstrip() for line in shown.splitlines()])[0]
    assert len([line for line in lines if line.startswith("✓ ")]) == len(USERS) + 1
    assert sum("note before session" in line for line in lines) == len(USERS)
    for number in (2, 3):
        assert "".join(words(number)) in "".join(line.strip() + " " for line in lines), "to the end of the answer"
