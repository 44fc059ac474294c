"""What lies in the directory of an embedded engine may run as whoever opens it: so it is looked at before."""

from __future__ import annotations

import dataclasses
import os
import pickle
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tables import DIMENSIONS, EMBEDDED, all_of, made, server_of, table_of

from showcase.errors import StoreError
from showcase.stores import private_place
from showcase.stores.interface import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.bench.stores.servers import Server

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes and owners are those of POSIX")


class Trap:
    """Unpickled, it leaves a file behind."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (str(self.trace),))


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A directory that everybody may enter: pytest's own are shut."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def trapped(qdrant_place: Server, collection: str, open_place: Path, tmp_path: Path) -> tuple[Path, Path, Table]:
    """A store of Qdrant's with a point in it that somebody made; and what it leaves behind when it is unpickled."""
    qdrant_place = dataclasses.replace(qdrant_place, data=open_place / "store")
    table = table_of(qdrant_place, collection)
    table.make(DIMENSIONS)
    table.put([made({"user_id": "alice", "data": "a"})])
    table.close()
    for each in (qdrant_place.data, *qdrant_place.data.rglob("*")):
        each.chmod(0o755 if each.is_dir() else 0o644)
    (database,) = qdrant_place.data.rglob("storage.sqlite")
    trace = tmp_path / "trace"
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("INSERT INTO points VALUES (?, ?)", ("trap", pickle.dumps(Trap(trace))))
    connection.close()
    return database, trace, table


Trapped = tuple[Path, Path, Table]


def test_a_planted_point_does_run(trapped: Trapped) -> None:
    _, trace, table = trapped
    with pytest.raises(StoreError):
        all_of(table, None)
    assert trace.is_dir(), "else the tests below prove nothing"


def test_nothing_is_unpickled_where_others_may_write(trapped: Trapped, open_place: Path) -> None:
    database, trace, table = trapped
    (meta,) = open_place.rglob("meta.json")
    open_to = ((database, 0o646), (database.parent, 0o757), (meta, 0o664), (meta.parent, 0o775), (open_place, 0o775))
    for path, mode in open_to:
        before = path.stat().st_mode
        path.chmod(mode)
        with pytest.raises(StoreError, match="others may write there") as caught:
            all_of(table, None)
        assert caught.value.hint.endswith(f"chmod -R go-rwx {path}")
        path.chmod(before)
    assert not trace.exists()


def test_nothing_is_unpickled_of_somebody_else(trapped: Trapped, monkeypatch: pytest.MonkeyPatch) -> None:
    database, trace, table = trapped
    seen = Path.lstat

    def lstat(path: Path) -> os.stat_result:
        found = seen(path)
        return os.stat_result((*found[:4], 12345, *found[5:])) if path == database else found

    monkeypatch.setattr(Path, "lstat", lstat)
    with pytest.raises(StoreError, match="belongs to user 12345"):
        all_of(table, None)
    assert not trace.exists()


def test_nothing_is_unpickled_behind_a_link(trapped: Trapped, tmp_path: Path) -> None:
    database, trace, table = trapped
    elsewhere = tmp_path / "elsewhere.sqlite"
    database.rename(elsewhere)
    database.symlink_to(elsewhere)
    with pytest.raises(StoreError, match="is a link"):
        all_of(table, None)
    assert not trace.exists()


def test_what_nobody_else_may_enter_may_be_as_open_as_it_likes(open_place: Path) -> None:
    inside = open_place / "shut" / "store" / "inside"
    inside.mkdir(parents=True)
    (inside / "file").touch()
    (inside / "file").chmod(0o664)
    (open_place / "shut").chmod(0o755)
    with pytest.raises(StoreError):
        private_place.checked(open_place / "shut" / "store")
    (open_place / "shut").chmod(0o700)
    assert private_place.checked(open_place / "shut" / "store") == open_place / "shut" / "store"


def test_what_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    made_here = private_place.checked(tmp_path / "a" / "b")
    assert made_here.stat().st_mode & 0o777 == 0o700
    link = tmp_path / "link"
    link.symlink_to(made_here)
    assert private_place.checked(link) == made_here


@pytest.mark.parametrize("kind", EMBEDDED)
def test_each_embedded_engine_looks_first(
    kind: str, request: pytest.FixtureRequest, collection: str, open_place: Path
) -> None:
    root = open_place / "store"
    table = table_of(dataclasses.replace(server_of(kind, request), data=root), collection)
    assert not table.exists()
    assert not root.exists(), "who only looks makes nothing"
    root.mkdir()
    root.chmod(0o777)
    with pytest.raises(StoreError, match="others may write there"):
        table.make(DIMENSIONS)
    assert list(root.iterdir()) == []
