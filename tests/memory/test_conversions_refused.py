"""What is not converted: a store that somebody holds, rows that would be lost, and decisions that cannot be trusted."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from kept_stores import OF_TWO, everything, made, row, vector
from killed_writer import convert

from showcase.errors import StoreError
from showcase.memory import conversion, moving, store_record
from showcase.memory.backends.opening import look
from showcase.memory.collections import Collections


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs a system that tells who has a file open")
@pytest.mark.parametrize("what", ["per-user", "reembed"])
def test_a_store_that_another_process_holds_is_not_converted(tmp_path: Path, what: str) -> None:
    place = made(tmp_path / "s")
    held = everything(place, "shared")
    script = (
        "import sys\nfrom pathlib import Path\nfrom showcase.memory.collections import Collections\n"
        "from showcase.settings.store_place import store_place\n"
        "rows = Collections(store_place(Path(sys.argv[1])), 'shared')\nlist(rows.rows('alice'))\n"
        "print('open', flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(place.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreError, match=f"pid {holder.pid}"):
            convert(place.root, what)
        holder.stdin.close()
    assert everything(place, "shared") == held


def test_rows_of_nobody_are_not_moved_to_where_nobody_finds_them(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    with Collections(place, "shared") as rows:
        rows.all()[0].add(ids=["x"], metadatas=[{"data": "of nobody"}], embeddings=[vector("x")])
    with pytest.raises(StoreError, match="name no user"):
        moving.move(look(place), "per-user", embed_model=None, progress=lambda *_: None)
    assert look(place).layout == "shared"


def test_an_id_of_two_users_does_not_lose_one_of_them(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "per-user", [row("mine", memory_id="twice"), row("yours", "bob", memory_id="twice")])
    with pytest.raises(StoreError, match="twice is there for two users"):
        moving.move(look(place), "shared", embed_model=None, progress=lambda *_: None)
    assert look(place).layout == "per-user"
    with Collections(place, "per-user") as rows:
        assert (rows.row("alice", "twice").text, rows.row("bob", "twice").text) == ("mine", "yours")


def test_a_store_that_names_no_model_is_moved_once_somebody_names_it(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    shutil.rmtree(place.home)
    with pytest.raises(StoreError, match="does not say which embedding model") as refused:
        moving.move(look(place), "per-user", embed_model=None, progress=lambda *_: None)
    assert "--embed-model" in refused.value.hint
    moving.move(look(place), "per-user", embed_model="nomic-embed-text", progress=lambda *_: None)
    record = look(place).record
    assert record is not None
    assert (record.embed_model, record.dimensions, record.layout) == ("nomic-embed-text", 8, "per-user")


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"format": "local-memory-showcase conversion", "version": 2}'])
def test_a_decision_that_cannot_be_read_is_not_guessed_at(tmp_path: Path, data: bytes) -> None:
    place = made(tmp_path / "s")
    conversion.path_of(place).write_bytes(data)
    with pytest.raises(StoreError, match="does not say which"):
        look(place)
    conversion.path_of(place).unlink()
    assert len(everything(place, look(place).layout)) == len(OF_TWO)


def test_a_decision_leads_to_no_file_outside_of_the_store(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    victim = tmp_path / "victim"
    victim.mkdir()
    record = store_record.read(place)
    assert record is not None
    conversion.decide(
        place, conversion.Decision(record=record, drop=(), indexes=("../../victim", str(victim), ".."), rename={})
    )
    assert victim.is_dir()
    assert len(everything(place, "shared")) == len(OF_TWO)
