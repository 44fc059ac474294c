"""mem0's own database, copied table by table without the rows that go."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from showcase.errors import StoreError
from showcase.memory.store_files import reading
from showcase.shell.advice import printable, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Stays = Callable[[str, dict[str, object]], bool]


def copy_tables(old: Path, new: Path, stays: Stays) -> tuple[dict[str, int], str]:
    """Copy what stays, row by row, in the order in which it was written.

    Args:
        old: The database.
        new: Where the copy goes; nothing is there.
        stays: Tells whether a row does, by the table's name and what the row holds.

    Returns:
        How many rows of each table were left out, and a digest of those that stay.

    Raises:
        StoreError: It holds what is no table of its own.
        sqlite3.Error: It cannot be read or written.
    """
    gone: dict[str, int] = {}
    digest = hashlib.sha256()
    with reading(old) as source, closing(sqlite3.connect(new)) as target, target:
        made_by = _made_by(source, old)
        for kind, _, statement in made_by:
            if kind == "table":
                target.execute(statement)
        for name, row, some in _rows(source, made_by, stays):
            if some:
                marks = ", ".join("?" * len(row))
                target.execute(f"INSERT INTO {_quoted(name)} VALUES ({marks})", row)  # noqa: S608 - a name, quoted
                digest.update(_written(name, row))
            else:
                gone[name] = gone.get(name, 0) + 1
        for kind, _, statement in made_by:
            if kind == "index" and statement:
                target.execute(statement)
    return gone, digest.hexdigest()


def digest_of_tables(path: Path) -> str:
    """Return the digest that `copy_tables` tells of a database of which all stays; empty where there is none.

    Raises:
        StoreError: It holds what is no table of its own.
        sqlite3.Error: It cannot be read.
    """
    if not path.is_file():
        return ""
    digest = hashlib.sha256()
    with reading(path) as source:
        for name, row, _ in _rows(source, _made_by(source, path), lambda _table, _row: True):
            digest.update(_written(name, row))
    return digest.hexdigest()


def _made_by(source: sqlite3.Connection, path: Path) -> list[tuple[str, str, str]]:
    """Return kind, name and statement of everything in a database, tables first."""
    listed = source.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
    for kind, name, statement in listed:
        if kind not in ("table", "index") or "VIRTUAL" in str(statement).upper().split("(")[0]:
            raise StoreError(
                f"{path} holds a {kind} {printable(str(name))}, which is not mem0's and would not be copied",
                hint=f"see what is in it: showcase inspect {quoted(path.parent.parent)}; nothing was changed",
            )
    return sorted(
        ((str(kind), str(name), str(statement or "")) for kind, name, statement in listed),
        key=lambda each: each[0] != "table",
    )


def _rows(
    source: sqlite3.Connection, made_by: list[tuple[str, str, str]], stays: Stays
) -> Iterator[tuple[str, tuple[object, ...], bool]]:
    """Yield each row of each table with the table's name, and whether it stays."""
    for kind, name, _ in made_by:
        if kind != "table":
            continue
        names = [str(row[1]) for row in source.execute(f"PRAGMA table_info({_quoted(name)})")]
        for row in source.execute(f"SELECT * FROM {_quoted(name)}"):  # noqa: S608 - a name, quoted
            yield name, row, stays(name, dict(zip(names, row, strict=True)))


def _written(name: str, row: tuple[object, ...]) -> bytes:
    return repr((name, row)).encode(errors="surrogatepass")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
