"""Programs of participants: what they say is kept as far as it is bounded, and none of them holds up a look."""

from __future__ import annotations

import os
import sys
from time import monotonic
from typing import TYPE_CHECKING

import psutil
import pytest

from showcase.labs import programs, talking

if TYPE_CHECKING:
    from pathlib import Path

LINGERING = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
print(child.pid, flush=True)
"""
ECHO = """
import sys
for line in sys.stdin:
    print(line.upper(), flush=True)
"""


def ran(code: str, here: Path, *, typed: str | None = None, timeout_s: float = 30.0) -> programs.Ran:
    return programs.run((sys.executable, "-c", code), dict(os.environ), here, typed=typed, timeout_s=timeout_s)


def test_what_a_program_says_comes_back_whole(tmp_path: Path) -> None:
    found = ran("import sys; print(sys.stdin.read()[::-1]); sys.exit(3)", tmp_path, typed="größer")
    assert (found.status, found.out) == (3, "reßörg\n")


def test_bytes_that_are_no_text_are_told_as_such(tmp_path: Path) -> None:
    found = ran("import sys; sys.stdout.buffer.write(b'a\\xff\\r\\nb')", tmp_path)
    assert found.out == "a\N{REPLACEMENT CHARACTER}\nb"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_program_that_says_without_end_is_ended_long_before_its_time(stream: str, tmp_path: Path) -> None:
    began = monotonic()
    found = ran(f"import sys\nwhile True: sys.{stream}.write('x' * 1000)", tmp_path, timeout_s=600)
    assert found.status is None
    assert len(found.out) + len(found.err) == 1_000_000
    assert monotonic() - began < 60


def test_a_program_that_hangs_is_ended_and_what_it_said_is_kept(tmp_path: Path) -> None:
    found = ran("import time; print('so far', flush=True); time.sleep(600)", tmp_path, timeout_s=2)
    assert (found.status, found.out) == (None, "so far\n")
    assert found.end == "it did not end by itself: so far"


def test_nobody_waits_for_what_a_program_leaves_behind(tmp_path: Path) -> None:
    began = monotonic()
    found = ran(LINGERING, tmp_path)
    left = psutil.Process(int(found.out))
    try:
        assert found.status == 0
        assert monotonic() - began < 30
    finally:
        left.kill()


def test_a_program_that_reads_nothing_of_much_that_is_typed_ends_as_it_does(tmp_path: Path) -> None:
    assert ran("raise SystemExit(5)", tmp_path, typed="x" * 10_000_000).status == 5


def talked(code: str, here: Path, *lines: str) -> list[talking.Heard]:
    with talking.talk((sys.executable, "-c", code), dict(os.environ), here) as begun:
        return [begun.ask(line, timeout_s=3) for line in lines]


def test_a_program_that_stays_answers_line_by_line(tmp_path: Path) -> None:
    first, second = talked(ECHO, tmp_path, "eins", "zwei")
    assert (first.text, second.text) == ("EINS", "ZWEI")
    assert first.whole
    assert second.whole


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        ("import sys; sys.stdin.readline(); 1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit", "it ended without a word"),
        ("import time; time.sleep(60)", "no empty line came in 3 s"),
        ("while True: print('x' * 1000)", "it said too much, or closed its output"),
        ("while True: print('x' * 1000, end='')", "it said too much, or closed its output"),
    ],
    ids=["fails", "ends", "hangs", "lines without end", "a line without end"],
)
def test_a_program_that_does_not_answer_is_told_with_why(code: str, trouble: str, tmp_path: Path) -> None:
    first, second = talked(code, tmp_path, "one", "two")
    assert not first.whole
    assert not second.whole
    assert first.trouble == trouble


def test_a_program_that_stays_is_gone_after_the_talk(tmp_path: Path) -> None:
    code = "import os, sys\nfor line in sys.stdin: print(os.getpid(), end='\\n\\n', flush=True)"
    (heard,) = talked(code, tmp_path, "who")
    assert not psutil.pid_exists(int(heard.text))
