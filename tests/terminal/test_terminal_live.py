"""The live view and the plain lines, as they arrive at a terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if os.name == "nt":
    pytest.skip("pseudo-terminals are POSIX's", allow_module_level=True)

from at_a_terminal import COLUMNS, ESCAPE, Terminal, rows, seen
from by_hand import phases_by_hand
from program import run

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = r"""
question = "tea\u001b]0;PWNED\u0007?"
[[users]]
id = "alice"
memories = ["I like \u001b[31mPWNED\u001b[2J tea.", "I never drink \u202ecoffee \u200b at \r\nnight."]
[[users]]
id = "bob"
memories = ["I like coffee \u001b[1A every morning, and this sentence is longer than a line of eighty columns is."]
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """One whole run of a hostile scenario at a terminal."""
    place = tmp_path_factory.mktemp("live")
    (place / "hostile.toml").write_text(HOSTILE)
    arguments = ("--no-drill", "--scenario", str(place / "hostile.toml"), "--out", str(place / "out"))
    with Terminal("run", "--engine", "rehearsal", *arguments) as terminal:
        assert terminal.end() == 0, terminal.raw
    return terminal


def test_what_goes_on_is_shown(live: Terminal) -> None:
    text = seen(live.raw)
    for words in ("session 1  alice  pid", "session 3  bob  pid", "planted", "asked", "was told", "witnesses: "):
        assert words in text
    assert "✓ session 2  alice" in text
    assert "sockets" in text
    assert "samples" in text
    assert "✓ upheld" in text
    assert any(" 0." in line and "━" in line for line in text.splitlines()), "a recalled row has cosine and bar"


def test_escapes_are_shown_and_never_sent(live: Terminal) -> None:
    for sent in ("\x1b[31mPWNED", "\x1b]0;", "\x07", "\x1b[2J", "\u202e", "\u200b"):
        assert sent not in live.raw
    text = " ".join(seen(live.raw).split())
    for shown in (r"\x1b[31mPWNED\x1b[2J", r"\x1b]0;PWNED\x07", r"\u202ecoffee", r"\u200b"):
        assert shown in text


def test_nothing_flickers(live: Terminal) -> None:
    """No screen is cleared, no other screen is entered, and the cursor is shown again at the end."""
    codes = ESCAPE.findall(live.raw)
    assert not [code for code in codes if code in ("\x1b[2J", "\x1b[3J", "\x1b[H", "\x1b[?1049h", "\x1b[?47h")]
    assert codes.count("\x1b[?25l") == codes.count("\x1b[?25h")


def test_eighty_columns_are_enough(live: Terminal) -> None:
    drawn = rows(live.raw)
    assert len(drawn) > 50
    assert not [row for row in drawn if len(row) > COLUMNS and "/" not in row], "but for paths, which stay whole"


def plain(place: Path, *arguments: str, **variables: str) -> str:
    first_phase = (
        "run",
        "--engine",
        "rehearsal",
        "--witness",
        "hook",
        "--no-drill",
        "--phase",
        "1",
        "--out",
        str(place / "out"),
    )
    with Terminal(*first_phase, *arguments, **variables) as terminal:
        assert terminal.end() == 3, terminal.raw
    return terminal.raw


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [(("--plain",), {}), ((), {"NO_COLOR": "1"}), ((), {"TERM": "dumb"})],
    ids=["--plain", "NO_COLOR", "TERM=dumb"],
)
def test_plain_lines_where_they_are_asked_for(
    tmp_path: Path, arguments: tuple[str, ...], variables: dict[str, str]
) -> None:
    raw = plain(tmp_path, *arguments, **variables)
    assert "\x1b" not in raw
    assert "session 1               planted" in raw


def test_plain_lines_are_stable_where_there_is_no_terminal(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Two runs say the same but for pids, ports and digests; the first one is the first phase of those by hand."""
    again = run(tmp_path / "out", "--no-drill", "--phase", "1").stderr
    runs = [phases_by_hand(tmp_path_factory).said[0].stderr, again]
    first, second = (["".join(c for c in line if not c.isdigit()) for line in said.splitlines()] for said in runs)
    assert first == second
    assert len(first) > 5
    assert "\x1b" not in again
