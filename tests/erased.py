"""Erasures for the tests, and looks at what is left that share nothing with the scanner under test."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING, Any

from showcase.erasure import erasing, verdict
from showcase.erasure.order import Order
from showcase.memory.backends.opening import look
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from showcase.evidence.erasure import Erasure, Finding
    from showcase.settings.store_place import StorePlace

KEY = b"k" * 32


def erased(
    place: StorePlace, ids: Sequence[str], user_id: str = "alice", *, everything: bool = False, **more: Any
) -> tuple[Erasure, Finding]:
    """Erase, and return what was seen with what follows."""
    order = Order(kept=look(place), user_id=user_id, ids=tuple(ids), everything=everything, key=KEY, **more)
    done = erasing.erase(order)
    return done, verdict.judge(done)


def files(root: Path) -> dict[str, bytes]:
    """Return every file below a directory with its bytes, whatever it is."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def holding(root: Path, wanted: bytes | Iterable[bytes]) -> list[str]:
    """Return the files that hold any of some bytes, by `bytes.find` alone, in whatever case."""
    some = [wanted] if isinstance(wanted, bytes) else list(wanted)
    return [
        name
        for name, data in files(root).items()
        if any(data.find(each) >= 0 or data.lower().find(each.lower()) >= 0 for each in some)
    ]


def pages(data: bytes) -> Iterable[bytes]:
    """Yield the pages of a database, those that nothing points to as well, and what chains of overflow pages hold.

    By https://www.sqlite.org/fileformat.html: each page is followed by its first four bytes as long as they lead on.
    """
    size = int.from_bytes(data[16:18], "big")
    size = 65536 if size == 1 else size
    every = [data[at : at + size] for at in range(0, len(data), size)]
    yield from every
    for page in every:
        chain, at, seen = b"", int.from_bytes(page[:4], "big"), set[int]()
        while 0 < at <= len(every) and at not in seen:
            seen.add(at)
            chain += every[at - 1][4:]
            at = int.from_bytes(every[at - 1][:4], "big")
        yield page + chain


def carved(root: Path) -> bytes:
    """Return all that a person with the usual tools gets out of a store's files."""
    got = b""
    for path in [path for path in root.rglob("*") if path.is_file()]:
        data = path.read_bytes()
        got += data
        if data.startswith(b"SQLite format 3\0"):
            got += b"".join(pages(data))
            got += tool("sqlite3", str(path), ".recover")
        got += tool("strings", "-a", "-n", "4", str(path))
        got += tool("strings", "-a", "-n", "4", "-e", "l", str(path))
    return got


def tool(name: str, *arguments: str) -> bytes:
    """Return what a program says, nothing where there is none of that name."""
    found = shutil.which(name)
    if found is None:
        return b""
    return subprocess.run([found, *arguments], capture_output=True, check=False, timeout=60).stdout


def rows_of(database: Path, query: str) -> list[tuple[Any, ...]]:
    """Return what a database answers."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as found:
        return found.execute(query).fetchall()


def copied(place: StorePlace, to: Path) -> StorePlace:
    """Copy a store."""
    shutil.copytree(place.root, to, symlinks=True)
    return store_place(to)
