"""A decision of an erasure may be anybody's doing, and a disk may be full: nothing elsewhere is moved or removed."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
from erased import erased, files
from kept_stores import everything, made, row

from showcase.documents.destination import Destination, UnwritableError
from showcase.erasure import erasing, removal, surroundings
from showcase.errors import StoreError
from showcase.memory import raw_rows, rebuilding, replacement
from showcase.memory.backends.opening import look
from showcase.memory.replacement import Entry, Replacement

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.settings.store_place import StorePlace

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links that anybody makes")

SECRET, STAYS = row("my locker code is obsidian-4711"), row("I drink tea", "bob")


def plant(place: StorePlace, live: str, new: str | None = None, *, of: Path | None = None) -> None:
    shop = replacement.workshop(place)
    (shop / "new").mkdir(parents=True, exist_ok=True)
    (shop / "new" / "fresh").write_text("planted")
    seen = of.lstat() if of is not None and of.exists() else None
    entry = Entry(
        live=live, new=new, device=None if seen is None else seen.st_dev, inode=None if seen is None else seen.st_ino
    )
    document = {
        "format": replacement.FILE.format, "version": replacement.FILE.version,
        **asdict(Replacement(layout="shared", entries=(entry,))),
    }  # fmt: skip
    (shop / "decision.json").write_text(json.dumps(document))


@pytest.mark.parametrize(
    "kind", ["above", "absolute", "by a link inside", "backslash", "drive", "new above", "new by a link"]
)
def test_what_lies_elsewhere_is_neither_moved_nor_removed(tmp_path: Path, kind: str) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "kept").write_text("mine")
    if kind == "above":
        plant(place, "../mine/kept", of=mine / "kept")
    elif kind == "absolute":
        plant(place, str(mine / "kept"), of=mine / "kept")
    elif kind == "backslash":
        plant(place, "..\\mine\\kept", of=mine / "kept")
    elif kind == "drive":
        plant(place, "C:kept", of=mine / "kept")
    elif kind == "by a link inside":
        (place.root / "inner").symlink_to(mine)
        plant(place, "inner/kept", of=mine / "kept")
    elif kind == "new above":
        plant(place, "mem0_home/there", "../../../../mine/kept")
    else:
        plant(place, "mem0_home/there", "link/kept")
        (replacement.workshop(place) / "new" / "link").symlink_to(mine)
    with pytest.raises(StoreError):
        look(place)
    assert (mine / "kept").read_text() == "mine"
    assert (mine / "kept").stat().st_nlink == 1


@pytest.mark.parametrize("part", ["workshop", "home", "chroma", "root"])
def test_nothing_is_carried_out_where_a_link_leads(tmp_path: Path, part: str) -> None:
    real = made(tmp_path / "real", "shared", [SECRET, STAYS])
    plant(real, "mem0_chroma/chroma.sqlite3", None, of=real.chroma / "chroma.sqlite3")
    place = real
    if part == "root":
        (tmp_path / "s").symlink_to(real.root)
        from showcase.settings.store_place import store_place  # noqa: PLC0415 - only here

        place = store_place(tmp_path / "s")
    else:
        path = replacement.workshop(real) if part == "workshop" else getattr(real, part)
        path.rename(tmp_path / "aside")
        path.symlink_to(tmp_path / "aside")
    with pytest.raises(StoreError):
        look(place)
    assert (real.chroma / "chroma.sqlite3").is_file()


def test_a_decision_of_another_user_is_not_carried_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    plant(place, "mem0_chroma/chroma.sqlite3", of=place.chroma / "chroma.sqlite3")
    before = files(place.root)
    nobody = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: nobody)
    with pytest.raises(StoreError):
        look(place)
    assert files(place.root) == before


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b'{"format": "other"}', b"\xff", b'{"format":"local-memory-showcase replacement","version":2}'],
)
def test_a_decision_that_cannot_be_read_is_refused_with_the_way_out(tmp_path: Path, data: bytes) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    shop = replacement.workshop(place)
    shop.mkdir()
    (shop / "decision.json").write_bytes(data)
    with pytest.raises(StoreError) as caught:
        look(place)
    assert "decision.json-aside" in caught.value.hint
    (shop / "decision.json").rename(shop / "decision.json-aside")
    assert len(everything(look(place).place, "shared")) == 2


def test_what_was_put_there_after_the_decision_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    real = replacement._replace

    def late(where: StorePlace, each: Entry, shop: Path, number: int) -> None:
        if each.live.endswith("chroma.sqlite3"):
            live = where.root / each.live
            live.rename(tmp_path / "aside")
            live.write_text("somebody's")
        real(where, each, shop, number)

    monkeypatch.setattr(replacement, "_replace", late)
    with pytest.raises(StoreError, match="put there meanwhile"):
        erased(place, [SECRET.memory_id])
    assert (place.chroma / "chroma.sqlite3").read_text() == "somebody's"
    monkeypatch.undo()
    (place.chroma / "chroma.sqlite3").unlink()
    assert list(everything(look(place).place, "shared")) == [STAYS.memory_id]


FULL = OSError(28, "No space left on device")


def full(*_: Any, **__: Any) -> Any:
    raise FULL


@pytest.mark.parametrize("what", ["rows", "history", "decision", "sqlite"])
def test_a_full_disk_leaves_the_old_store_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    rows = everything(place, "shared")
    if what == "rows":
        monkeypatch.setattr(raw_rows, "write", full)
    elif what == "history":
        monkeypatch.setattr(removal, "_history", full)
    elif what == "sqlite":

        def of_sqlite(*_: Any) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr(rebuilding, "_restore_functions", of_sqlite)
    else:

        def unwritable(*_: Any) -> None:
            raise UnwritableError("No space left on device", hint="make room")

        monkeypatch.setattr(Destination, "write", unwritable)
    with pytest.raises(StoreError) as caught:
        erased(place, [SECRET.memory_id])
    assert "space" in caught.value.message.lower() or "full" in caught.value.message.lower()
    monkeypatch.undo()
    assert not replacement.workshop(place).exists()
    assert everything(look(place).place, "shared") == rows


HOLDER = """
import sys, sqlite3
held = open(sys.argv[1], "rb") if sys.argv[2] == "file" else sqlite3.connect(sys.argv[1])
if sys.argv[2] != "file":
    held.execute("SELECT count(*) FROM collections").fetchone()
print("there", flush=True)
sys.stdin.read()
"""

REMOVER = """
import os, sys
path = sys.argv[1]
held = open(path, "wb")
os.unlink(path)
seen = os.fstat(held.fileno())
print(seen.st_dev, seen.st_ino, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="who has a file open is told by /proc")
def test_a_store_that_another_process_holds_is_refused(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    before = everything(place, "shared")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(place.chroma / "chroma.sqlite3"), "sqlite"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline()
        with pytest.raises(StoreError, match="open"):
            erased(place, [SECRET.memory_id])
        holder.kill()
    assert everything(place, "shared") == before
    _, finding = erased(place, [SECRET.memory_id])
    assert finding.status == "upheld"


def test_an_old_file_that_is_held_open_all_the_same_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds it may come after the look for it: then the certificate says that it is there until that ends."""
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    monkeypatch.setattr(erasing, "check_alone", lambda _: None)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(place.chroma / "chroma.sqlite3"), "file"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline()
        done, finding = erased(place, [SECRET.memory_id])
        assert finding.status == "broken"
        assert f"pid {holder.pid}" in finding.reason
        holder.kill()
    assert done.overwritten


@pytest.mark.skipif(sys.platform != "linux", reason="who has a file open is told by /proc")
def test_a_later_file_with_the_number_of_an_old_one_is_not_the_old_one(tmp_path: Path) -> None:
    """File systems give a number away again, also to a file that is removed while its maker holds it open."""
    later = tmp_path / "etilqs_1"
    with subprocess.Popen(
        [sys.executable, "-c", REMOVER, str(later)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as remover:
        assert remover.stdout is not None
        device, inode = map(int, remover.stdout.readline().split())
        found = {
            path: surroundings._openers({(device, inode): str(path)})[0] for path in (later, tmp_path / "old" / "3")
        }
        remover.kill()
    assert found == {later: {remover.pid}, tmp_path / "old" / "3": set()}


def test_a_hard_link_made_before_is_said(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    backup = tmp_path / "backup.sqlite3"
    os.link(place.chroma / "chroma.sqlite3", backup)
    done, finding = erased(place, [SECRET.memory_id])
    assert done.linked == 1
    assert finding.status == "broken"
    assert "another name" in finding.reason
    assert SECRET.text.encode() in backup.read_bytes(), "it is somebody's: told, and left"
