"""Output in code pages: what an encoding cannot carry is told in plain signs or spelled, never a question mark."""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import category

import pytest
from saying import recall

import showcase
from showcase import __version__
from showcase.cli import signs
from showcase.cli.live import LiveProgress
from showcase.processes.protocol.events import Searched, Spawned

if TYPE_CHECKING:
    from program import Finished

PACKAGE = Path(showcase.__file__).parent
CODE_PAGES = ("cp1252", "cp437", "ascii")
ELSEWHERE = (
    "report/",
    "bench/recall/made_set/",
    "engines/rehearsal/",
    "examples/",
    "cli/signs.py",
    "claims/wording.py",
)
"""Signs of the page, of questions in other languages, and the tables that tell of signs."""

ALL = "✓ upheld ✗ “said” … \N{MINUS SIGN} → ━ ü 東 µ \udc80 ?"


def told(*arguments: str, encoding: str, stream: int = 1) -> bytes:
    """Return what the program writes into a pipe in an encoding, on stdout or stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "showcase", *arguments],
        capture_output=True,
        timeout=120,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    return (done.stdout, done.stderr)[stream - 1]


def plain(text: str, encoding: str) -> str:
    """Return what a text becomes, letter by letter."""
    made = ""
    for sign in text:
        stands = signs.PLAIN.get(sign, sign) if not sign.isalpha() else sign
        try:
            stands.encode(encoding)
        except UnicodeEncodeError:
            stands = signs.PLAIN.get(sign) or sign.encode("ascii", "backslashreplace").decode()
        made += stands
    return made


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("cp1252", '+ upheld x "said" ... - -> # ü \\u6771 µ \\udc80 ?'),
        ("cp437", '+ upheld x "said" ... - -> # ü \\u6771 µ \\udc80 ?'),
        ("ascii", '+ upheld x "said" ... - -> # \\xfc \\u6771 u \\udc80 ?'),
        ("utf-8", ALL.replace("\udc80", "\\udc80")),
        ("utf-16-le", ALL.replace("\udc80", "\\udc80")),
    ],
)
def test_a_stream_writes_any_text(encoding: str, expected: str) -> None:
    below = io.BytesIO()
    stream = io.TextIOWrapper(below, encoding=encoding)
    signs.settle(stream)
    signs.settle(stream)  # as where `main` is called twice in one process
    stream.write(ALL)
    stream.flush()
    assert below.getvalue().decode(encoding) == expected


def test_a_stream_keeps_the_state_of_its_encoding() -> None:
    below = io.BytesIO()
    stream = io.TextIOWrapper(below, encoding="iso2022_jp")
    signs.settle(stream)
    for part in ("日", "本", "…", "語"):
        stream.write(part)
        stream.flush()
    stream.close = lambda: None  # type: ignore[method-assign]  # what is below is still to be read
    assert below.getvalue().decode("iso2022_jp") == "日本...語"


@pytest.mark.parametrize("encoding", CODE_PAGES)
@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("glossary",)], ids=" ".join)
def test_no_command_tells_less_in_a_code_page(arguments: tuple[str, ...], encoding: str) -> None:
    in_full = told(*arguments, encoding="utf-8").decode()
    assert told(*arguments, encoding=encoding).decode(encoding) == plain(in_full, encoding)


@pytest.mark.parametrize("encoding", CODE_PAGES)
def test_verdicts_are_told_in_a_code_page(finished: Finished, encoding: str) -> None:
    log = str(finished.out / "run-log.json")
    text = told("verify", log, encoding=encoding).decode(encoding)
    assert text == plain(told("verify", log, encoding="utf-8").decode(), encoding)
    assert "+ upheld" in text
    assert "\\u" not in text
    error = told("verify", "no “such” …", encoding=encoding, stream=2).decode(encoding)
    assert 'no "such" ...' in error


@pytest.mark.parametrize("encoding", CODE_PAGES)
def test_json_is_any_reader_s(finished: Finished, encoding: str) -> None:
    log = str(finished.out / "run-log.json")
    data = told("verify", log, "--json", encoding=encoding)
    assert json.loads(data) == json.loads(told("verify", log, "--json", encoding="utf-8"))
    assert data.isascii()


@pytest.mark.parametrize("encoding", CODE_PAGES)
def test_the_live_view_is_drawn_in_a_code_page(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    below = io.BytesIO()
    stream = io.TextIOWrapper(below, encoding=encoding)
    signs.settle(stream)
    monkeypatch.setattr(sys, "stderr", stream)
    view = LiveProgress()
    row = recall("…Zoë\N{RIGHT SINGLE QUOTATION MARK}s tea" + 40 * " and tea", cosine=0.5)
    view.event("session 2", Spawned(pid=7, hook=True, version=__version__))
    view.event("session 2", Searched(question="What?", rows=(row,)))
    view._foot.print(view._draw())
    view.ended("session 2", 0)
    stream.flush()
    lines = below.getvalue().decode(encoding).splitlines()
    assert next(line for line in lines if line.startswith("* session 2"))
    assert next(line for line in lines if line.startswith("+ session 2"))
    assert len([line for line in lines if "0.50 #####----- ..." in line]) == 2, lines
    assert not [line for line in lines if "?" in line.replace("What?", "") or "\\u" in line]


def test_every_sign_of_our_own_sentences_has_a_plain_one() -> None:
    """A new sign in what a terminal is told needs a line in the table: an escape in the middle helps nobody."""
    used: dict[str, str] = {}
    for path in PACKAGE.rglob("*.py"):
        place = path.relative_to(PACKAGE).as_posix()
        if place.startswith(ELSEWHERE):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
                used |= {sign: place for sign in node.value if not sign.isascii() and category(sign)[0] in "PS"}
    assert used.keys() >= {"✓", "✗", "“", "…"}
    assert {sign: place for sign, place in used.items() if sign not in signs.PLAIN} == {}
    assert all(stands.isascii() and "?" not in stands for stands in signs.PLAIN.values())
