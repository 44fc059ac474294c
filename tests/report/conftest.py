"""A browser for the tests that look at the page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import Browser, executable, running

if TYPE_CHECKING:
    from collections.abc import Iterator

ARTEFACTS = Path(__file__).parents[2] / "artefacts"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a running browser; without one, skip, and fail in CI, which installs one."""
    path = executable()
    if path is None:
        reason = "no Chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with running(path) as started:
        yield started


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the source of axe-core; without it, skip, and fail in CI, which installs it."""
    found = Path(os.environ.get("AXE_CORE", Path(__file__).parent / "node_modules/axe-core/axe.min.js"))
    if not found.is_file():
        reason = "no axe-core here (npm install --prefix tests/report, or name its axe.min.js in AXE_CORE)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Return the directory whose pictures CI keeps for a person to look at."""
    ARTEFACTS.mkdir(exist_ok=True)
    return ARTEFACTS
