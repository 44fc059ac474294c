"""A hint is one line, whatever is quoted in it."""

from __future__ import annotations

from pathlib import Path

from showcase.errors import ShowcaseError
from showcase.settings import Settings
from showcase.shell import advice


def test_every_hint_is_one_line() -> None:
    error = ShowcaseError("x", hint=advice.run_command(Settings(out=Path("a\nb"))))
    assert error.hint.isprintable()
