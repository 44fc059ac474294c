"""The SQLite inside chromadb, which is another than Python's: how it was compiled, read from its library as it lies."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_LIBRARY = "chromadb_rust_bindings"
_COMPILED_BY = b"COMPILER="
"""Begins one of the options that SQLite holds as text, by which the list is known for one; none can be left out of it
but with all (`sqlite3CompileOptions` of https://sqlite.org/src/file/src/ctime.c)."""

_OPTION = b"SECURE_DELETE"
_SECURE_DELETE = re.compile(rb"(?<![A-Z_])SECURE_DELETE(?![A-Z_])")


@cache
def secure_delete() -> bool | None:
    """Return whether it overwrites what it deletes; None where that cannot be read."""
    spec = find_spec(_LIBRARY)
    if spec is None or spec.origin is None:
        return None
    for path in sorted(Path(spec.origin).parent.glob(f"{_LIBRARY}*")):
        if path.suffix in (".so", ".pyd", ".dylib"):
            return told_by(path)
    return None


def told_by(library: Path) -> bool | None:
    """Return whether the SQLite in a library was compiled so; None where it holds no list of options."""
    try:
        data = library.read_bytes()
    except OSError:
        return None
    if _COMPILED_BY not in data:
        return None
    # Of the words that begin or end with it, such as those of a longer option, it is none.
    return _OPTION in data and _SECURE_DELETE.search(data) is not None
