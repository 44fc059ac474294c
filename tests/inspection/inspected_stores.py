"""Stores to look at: what five versions of Chroma made, and what is told of a directory before and after a look.

Each `stores/chroma-VERSION.sqlite3.gz` is the database that this version wrote when it ran `stores/make_store.py`:
`mem0` (six rows added and one deleted, of alice, bob and nobody), `empty`, and `written` (six rows of the user 7, with
`hnsw:sync_threshold` 4, so that its index was written once).
"""

from __future__ import annotations

import gzip
import hashlib
import pickle
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from showcase.inspection.look import inspect, place_of

STORES = Path(__file__).parent / "stores"
VERSIONS = ("0.4.24", "0.5.23", "0.6.3", "1.0.20", "1.5.9")
LOADED = "a pickle was loaded"


class Bomb:
    """Makes a directory where it is unpickled."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.mkdir, (self._place / LOADED,)


def made(place: Path, version: str = "1.5.9") -> Path:
    """Lay out Chroma's directory as this version left it, with a pickle that tells when it is loaded."""
    place.mkdir(parents=True, exist_ok=True)
    database = place / "chroma.sqlite3"
    database.write_bytes(gzip.decompress((STORES / f"chroma-{version}.sqlite3.gz").read_bytes()))
    for name, segment in vectors(database).items():
        if name != "empty":
            (place / segment).mkdir()
            (place / segment / "header.bin").write_bytes(bytes(100))
        if name == "written":
            (place / segment / "index_metadata.pickle").write_bytes(pickle.dumps(Bomb(place)))
    return place


def vectors(database: Path) -> dict[str, str]:
    """Return the segment of each collection's vectors."""
    with closing(sqlite3.connect(database)) as found:
        text = "SELECT c.name, s.id FROM segments s JOIN collections c ON c.id = s.collection WHERE s.scope = 'VECTOR'"
        return dict(found.execute(text))


def changed(store: Path, *statements: str) -> Path:
    """Run statements in a store's database."""
    with closing(sqlite3.connect(store / "chroma.sqlite3", isolation_level=None)) as found:
        for statement in statements:
            found.execute(statement)
    return store


def snapshot(place: Path) -> dict[str, tuple[object, ...]]:
    """Return all that a look could change: names, bytes, moments, modes."""
    return {str(path.relative_to(place)): _state(path) for path in sorted(place.rglob("*"))}


def _state(path: Path) -> tuple[object, ...]:
    seen = path.lstat()
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and seen.st_size < 2**24 else None
    return seen.st_size, seen.st_mtime_ns, seen.st_mode, digest


def looked(store: Path, **options: bool) -> Any:
    """Return what is seen of a store; a look changes nothing there, and loads no pickle."""
    before = snapshot(store)
    found = inspect(place_of(store), **options)
    assert snapshot(store) == before
    assert LOADED not in before
    return found


def rows_of(found: Any) -> dict[str | None, int]:
    """Return the rows of each user of the whole store."""
    assert found.chroma is not None, found.unseen
    assert found.chroma.users is not None, found.unseen
    return {user.user_id: user.rows for user in found.chroma.users}


def why_unseen(found: Any) -> str:
    """Return what could not be looked at, as one text."""
    return "; ".join(f"{each.what}: {each.why}" for each in found.unseen)
