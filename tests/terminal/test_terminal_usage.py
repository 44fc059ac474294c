"""What is typed wrong, and what is typed first."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import program
import pytest

from showcase import __version__
from showcase.cli import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

    from program import Finished


def typed(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "showcase", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **variables},
    )


def test_nothing_typed() -> None:
    done = typed()
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 5
    assert max(map(len, lines)) <= 84
    assert "Type first:  showcase run " in done.stdout


def test_the_version() -> None:
    assert typed("--version").stdout.split()[-1] == __version__


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (("rnu",), "'run'"),
        (("verfy", "x"), "'verify'"),
        (("run", "--engin", "rehearsal"), "--engine"),
        (("run", "--engine", "olama"), "'ollama'"),
        (("run", "--phase", "4"), "'1', '2', '3'"),
        (("run", "--sesion-timeout", "3"), "--session-timeout"),
        (("run", "--top-k", "many"), "'many' is not a valid integer"),
        (("completion", "csh"), "fish"),
    ],
)
def test_the_nearest_is_suggested(arguments: tuple[str, ...], near: str) -> None:
    done = typed(*arguments)
    assert done.returncode == 2
    assert near in done.stderr
    assert done.stderr.count("error: ") == 1
    assert "--help" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_was_typed_is_shown_and_not_sent() -> None:
    done = typed("run", "--engine", "\x1b[31m\u202eollama")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert "\u202e" not in done.stderr


def test_help_is_a_manual_page() -> None:
    text = typed("run", "--help").stdout
    for part in ("Usage:", "Options:", "Files,", "Environment:", "Exit status:", "Examples:", "By hand"):
        assert part in text
    assert max(map(len, text.splitlines())) <= 80
    main = typed("--help").stdout
    assert "Examples:" in main
    assert max(map(len, main.splitlines())) <= 80
    for command in COMMANDS:
        assert f"  {command} " in main


def test_a_traceback_where_it_is_asked_for() -> None:
    wrong = ("run", "--scenario", "nowhere.toml")
    assert "Traceback" not in typed(*wrong).stderr
    for verbose in (("--verbose", *wrong), (*wrong, "--verbose")):
        done = typed(*verbose)
        assert "Traceback" in done.stderr
        assert "UsageError" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed(shell: str) -> None:
    assert "_SHOWCASE_COMPLETE" in typed("completion", shell).stdout


@pytest.mark.parametrize(
    ("words", "count", "offered"),
    [
        ("showcase r", 1, "plain,run"),
        ("showcase run --ph", 2, "plain,--phase"),
        ("showcase run --engine r", 3, "rehearsal"),
    ],
)
def test_a_tab_completes(words: str, count: int, offered: str) -> None:
    done = typed(_SHOWCASE_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(count))
    assert offered in done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_a_shell_accepts_the_completion() -> None:
    script = 'eval "$1"; complete -p showcase'
    done = subprocess.run(
        ["/bin/bash", "-c", script, "bash", typed("completion", "bash").stdout],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "_showcase_completion" in done.stdout, done.stderr


def test_no_time_is_promised_and_a_measured_one_is_told(finished: Finished, tmp_path: Path) -> None:
    """On a machine where nothing ran nobody knows; where something did, what it took is told."""
    told = re.compile(r"about [\d,]+ seconds? here")
    place = tmp_path / "showcase-output"
    place.mkdir()
    for known in (False, True):
        if known:
            shutil.copy(finished.out / "run-log.json", place)
        for arguments in ((), ("run", "--help")):
            said = program.showcase(*arguments, cwd=tmp_path).stdout
            assert (told.search(" ".join(said.split())) is not None) is known, said
            assert max(map(len, said.splitlines())) <= 84
            assert "ten seconds" not in said
