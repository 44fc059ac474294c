"""Scenarios that cannot be played, and large ones that can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from showcase import runlog
from showcase.scenes import scenario

if TYPE_CHECKING:
    from pathlib import Path

    from planting import Place

GOOD = (
    'question = "tea?"\n[[users]]\nid = "alice"\nmemories = [{}]\n[[users]]\nid = "{}"\nmemories = ["I like coffee."]\n'
)
MEGABYTE = '"' + "tea " * 262_144 + '"'


def write(place: Place, text: str) -> Path:
    path = place.directory / "class.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title = [", "is not TOML"),
        ('title = "\\u001b[2J"\nusers = 3\n', "line 2: 0 users, two are needed"),
        (GOOD.format('"I like tea."', "*"), "line 6: user id '*' is refused"),
        (GOOD.format('"I like tea."', "bob\\u202e"), r"user id 'bob\u202e' is refused"),
        (GOOD.format('"I like tea."', "../alice\\u0000"), "is refused"),
        (GOOD.format('"I like tea."', "ALICE"), "cannot be told from 'alice'"),
        (GOOD.format(MEGABYTE, "bob"), "line 4: a memory has 1,048,576 characters"),
        (GOOD.format(", ".join(f'"tea {n}"' for n in range(10_001)), "bob"), "has 10001 memories, at most 10000"),
        ("[" * 100_000, "is not TOML"),
    ],
    ids=["no TOML", "no users", "star", "bidi", "path", "twin", "megabyte", "too many", "nested"],
)
def test_what_cannot_be_played(place: Place, text: str, words: str) -> None:
    said = place.run("--engine", "rehearsal", "--scenario", str(write(place, text))).complaint(2)
    assert words in said
    assert len(said) < 1000
    assert not place.out.exists(), "refused before anything was made"


def test_a_scenario_that_is_not_there(place: Place) -> None:
    said = place.run("--scenario", str(place.directory / "clas.toml")).complaint(2)
    assert "No such file" in said
    assert "fix: write one of your own there: " in said
    assert "showcase scenario new " in said


def test_ten_thousand_sentences(place: Place) -> None:
    """They are read at once and planted one by one; what a session has no time for is not claimed."""
    path = write(place, GOOD.format(", ".join(f'"I like tea of kind {n}."' for n in range(10_000)), "bob"))
    assert len(scenario.read(path).first.memories) == 10_000
    ended = place.phase(1, "--scenario", str(path), "--session-timeout", "6")
    said = ended.complaint(4)
    assert "session 1 took longer than 6 s" in said
    assert "--session-timeout 24" in said
    (session,) = runlog.read(place.out / "run-log.json").sessions
    assert 10 < len(session.planted) < 10_000
    assert session.exit_code not in (0, None)
