"""An engine, mem0's own directory, and a directory to begin in; and a place for temporary files that nobody shares."""

import tempfile
from pathlib import Path

import pytest
from stock_engine import _mem0_of_tests, at_home, gate

__all__ = ["_mem0_of_tests", "at_home", "gate"]


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Look through no copies that another test has there now: those hold the same texts."""
    found = tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("TMPDIR", str(found))
    monkeypatch.setattr(tempfile, "tempdir", str(found))
    return found
