"""How a SQLite was compiled, read from its library, is what it says itself where it can be asked."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from showcase.memory import chroma_sqlite


def test_the_one_of_python_says_the_same() -> None:
    maps = Path("/proc/self/maps")
    named = (
        {line.split()[-1] for line in maps.read_text().splitlines() if "sqlite3" in line} if maps.is_file() else set()
    )
    libraries = [Path(name) for name in sorted(named) if Path(name).is_file()]
    told = [found for each in libraries if (found := chroma_sqlite.told_by(each)) is not None]
    if not told:
        pytest.skip("the SQLite of this Python is in no library of its own")
    with closing(sqlite3.connect(":memory:")) as database:
        options = {name for (name,) in database.execute("PRAGMA compile_options")}
    assert told == [("SECURE_DELETE" in options)]


def test_the_one_inside_chroma_tells() -> None:
    assert chroma_sqlite.secure_delete() is not None


def test_what_is_no_sqlite_tells_nothing(tmp_path: Path) -> None:
    library = tmp_path / "library.so"
    library.write_bytes(b"SECURE_DELETE")
    assert chroma_sqlite.told_by(library) is None
    library.write_bytes(b"COMPILER=clang\0OMIT_SECURE_DELETE_X\0")
    assert chroma_sqlite.told_by(library) is False
    library.write_bytes(b"COMPILER=clang\0SECURE_DELETE\0")
    assert chroma_sqlite.told_by(library) is True
    assert chroma_sqlite.told_by(tmp_path / "none") is None
