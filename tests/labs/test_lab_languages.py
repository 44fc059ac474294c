"""What is read in a lab is of one language, whole, and fits 80 columns whatever its script."""

from __future__ import annotations

import string
from dataclasses import fields
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from rich.cells import cell_len

from showcase.cli.lab.options import WIDTH, paragraph
from showcase.labs import catalogue
from showcase.labs.lab import FALLBACK
from showcase.labs.spoken import FOLDER, Wording, wording
from showcase.labs.starting import filled

LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.toml"))
JAPANESE = "「覚えている」チャットは、どこかに書き留めているのです。ここでは mem0 が文をベクトルに変えます。" * 4


def placeholders(words: Wording) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for field in fields(words):
        value = getattr(words, field.name)
        text = "\n".join(value) if isinstance(value, tuple) else value
        found[field.name] = sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_program_says_has_the_same_places_to_fill_in(language: str) -> None:
    assert placeholders(wording(language)) == placeholders(wording(FALLBACK))


def test_a_language_without_a_file_is_told_in_english() -> None:
    assert wording("xx") == wording(FALLBACK)


def test_every_language_has_all_labs_and_the_words_around_them() -> None:
    for lab in catalogue.labs():
        assert sorted(lab.texts) == LANGUAGES, lab.folder.name


@pytest.mark.parametrize("first", ["", "  1. ", "質問: ", "x" * 30])
@pytest.mark.parametrize("text", [JAPANESE, "word " * 60, "x" * 200, "語" * 200, "a語" * 90])
def test_a_paragraph_fits_and_loses_nothing(text: str, first: str) -> None:
    lines = paragraph(text, first=first).split("\n")
    assert max(map(cell_len, lines)) <= WIDTH
    assert "".join("".join(lines).removeprefix(first).split()) == "".join(text.split())


def test_no_line_of_japanese_begins_with_what_ends_a_sentence() -> None:
    for first in (" " * number for number in range(12)):
        for line in paragraph(JAPANESE, first=first).split("\n")[1:]:
            assert line.strip()[0] not in "、。」っょー"


@pytest.mark.parametrize(
    ("word", "posix", "windows"),
    [
        ("{here}/run", "labs/lab-01/run", r"labs\lab-01\run"),
        ("the directory {here}/run/mem0_chroma, with", "the directory labs/lab-01/run/mem0_chroma, with", None),
        ("--log={here}/a.json", "--log=labs/lab-01/a.json", r"--log=labs\lab-01\a.json"),
        ("{here}", "labs/lab-01", r"labs\lab-01"),
        ("http://{python}/x", "http://py/x", "http://py/x"),
    ],
)
def test_a_path_is_spelled_as_the_system_spells_it(word: str, posix: str, windows: str | None) -> None:
    assert filled(word, PurePosixPath("labs/lab-01"), python="py") == posix
    if windows is not None:
        assert filled(word, PureWindowsPath("labs/lab-01"), python="py") == windows
