"""What lies in a store's directory may be anybody's doing: a link, a pipe, a decision that another user left."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
from kept_stores import everything, made, record, typed

from showcase.errors import StoreError
from showcase.memory import conversion, replacement, store_record
from showcase.memory.backends.opening import look
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes by name, and links that anybody makes")

SEGMENT = "0123abcd-0123-0123-0123-0123456789ab"


def planted() -> bytes:
    decision = conversion.Decision(record=record("per-user"), drop=(), indexes=(SEGMENT,), rename={})
    document = {"format": conversion.FILE.format, "version": conversion.FILE.version, **asdict(decision)}
    return json.dumps(document).encode()


@pytest.mark.parametrize("name", [store_record.RECORD, store_record.DECISION])
@pytest.mark.parametrize("kind", ["pipe", "link", "link to nowhere", "directory"])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, name: str, kind: str) -> None:
    place = made(tmp_path / "s")
    path = place.home / name
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(store_record.path_of(place).read_bytes() if name == store_record.RECORD else planted())
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to(elsewhere if kind == "link" else tmp_path / "nothing")
    with pytest.raises(StoreError, match="it is no regular file"):
        look(place)


@pytest.mark.parametrize("there", [True, False])
def test_a_record_is_not_written_through_a_link(tmp_path: Path, there: bool) -> None:
    place = store_place(tmp_path / "s")
    place.home.mkdir(parents=True)
    other = tmp_path / "other"
    if there:
        other.write_text("mine")
    store_record.path_of(place).symlink_to(other)
    for write in (store_record.write, store_record.begin):
        with pytest.raises(StoreError):
            write(place, record())
    assert (other.read_text() if there else other.exists()) == ("mine" if there else False)


@pytest.mark.parametrize("part", ["root", "chroma", "home"])
def test_a_conversion_is_not_finished_where_a_link_leads(tmp_path: Path, part: str) -> None:
    real = made(tmp_path / "real")
    (real.chroma / SEGMENT).mkdir()
    conversion.path_of(real).write_bytes(planted())
    if part == "root":
        (tmp_path / "s").symlink_to(real.root)
    else:
        (tmp_path / "s").mkdir()
        for name in (real.chroma.name, real.home.name):
            target = tmp_path / "s" / name
            if name == getattr(real, part).name:
                target.symlink_to(real.root / name)
            else:
                (real.root / name).rename(target)
    place = store_place(tmp_path / "s")
    with pytest.raises(StoreError, match="is not finished here"):
        look(place)
    assert (place.chroma / SEGMENT).is_dir()
    assert conversion.path_of(place).is_file()


def test_a_decision_of_another_user_is_not_carried_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = made(tmp_path / "s")
    (place.chroma / SEGMENT).mkdir()
    conversion.path_of(place).write_bytes(planted())
    nobody = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: nobody)
    with pytest.raises(StoreError, match="belongs to another user"):
        look(place)
    assert (place.chroma / SEGMENT).is_dir()


def test_what_only_looks_finishes_no_conversion(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = made(tmp_path / "s")
    decision = planted().replace(b"per-user", b"shared")
    conversion.path_of(place).write_bytes(decision)
    memory_id = next(iter(everything(place, "shared")))
    of_alice = ("--user-id", "alice", "--store", place.root)
    for words in (
        ("list", "--store", place.root),
        ("show", memory_id, *of_alice),
        ("history", memory_id, *of_alice),
        ("export", tmp_path / "out", "--store", place.root),
        ("search", "tea", *of_alice),
        ("forget", "--all", "--dry-run", *of_alice),
    ):
        said = typed(capsys, *words)
        assert said.status != 0
        assert "unfinished" in said.err
        assert "showcase memories move --layout shared --store" in said.err
        assert conversion.path_of(place).read_bytes() == decision
    assert typed(capsys, "move", "--layout", "shared", "--store", place.root).status == 0
    assert not conversion.path_of(place).exists()
    assert typed(capsys, "list", "--store", place.root).status == 0


@pytest.mark.root
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="gives a file away")
@pytest.mark.parametrize("kind", ["conversion", "erasure"])
def test_a_file_that_another_user_owns_decides_nothing(tmp_path: Path, kind: str) -> None:
    """In a directory into which others may write, who wrote it tells whose it is."""
    place = made(tmp_path / "s")
    before = everything(place, "shared")
    if kind == "conversion":
        path, data = conversion.path_of(place), planted()
    else:
        path = replacement.workshop(place) / "decision.json"
        path.parent.mkdir()
        data = json.dumps(
            {
                "format": replacement.FILE.format, "version": replacement.FILE.version, "layout": "shared",
                "entries": [{"live": "mem0_chroma/chroma.sqlite3", "new": None, "device": 0, "inode": 0}],
            }
        ).encode()  # fmt: skip
    path.write_bytes(data)
    os.chown(path, 12345, 12345)
    with pytest.raises(StoreError, match="belongs to another user"):
        look(place)
    path.unlink()
    if kind == "erasure":
        path.parent.rmdir()
    assert everything(place, "shared") == before
