"""What the program itself says around a lab, from a file per language; in English where a language has none."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from showcase.evidence.fact import Fact
from showcase.labs.lab import FALLBACK

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).with_name("wording")
"""A language is a file `CODE.toml` here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording(Fact):
    """The words, as `wording/en.toml` has them; `nothing_happens` is a line each."""

    minutes: str
    question: str
    read: str
    before: str
    prompt: str
    do: str
    stuck: str
    then: str
    next: str
    predicted: str
    happened: str
    take_home: str
    hints_over: str
    nothing_happens: tuple[str, ...]


@cache
def wording(language: str) -> Wording:
    """Return the words of a language, English ones where it has no file."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - heavy, and `--help` must not wait for it

    path = FOLDER / f"{language}.toml"
    path = path if path.is_file() else FOLDER / f"{FALLBACK}.toml"
    return TypeAdapter(Wording).validate_json(json.dumps(tomllib.loads(path.read_text("utf-8"))))
