"""What lies beside: copies, journals, packed exports, other programs' collections, and what comes back later."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from erased import carved, erased, tool
from kept_stores import LAYOUTS, everything, made, put, row, typed, vector

from showcase.engines.discovery import choose_embedding
from showcase.engines.everyday import Opened
from showcase.erasure import reader
from showcase.evidence import Message
from showcase.memory import mem0_store
from showcase.memory.backends.interface import BACKENDS
from showcase.memory.backends.opening import look, opened
from showcase.memory.chroma_client import ChromaClient, forget_opened
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.engines.ollama import OllamaGate
    from showcase.memory.backends.interface import BackendName
    from showcase.memory.store_record import Layout

SECRET, STAYS = row("my locker code is obsidian-4711"), row("I drink tea", "bob")
HELD = b"\0\0" + SECRET.text.encode() + b"\0"
ORPHAN = "0123abcd-0123-0123-0123-0123456789ab"


def test_files_beside_are_found_and_told(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    for name in (
        "mem0_chroma/chroma.sqlite3.bak", "mem0_chroma/history_old", "mem0_chroma/.chroma.sqlite3.swp",
        "mem0_chroma/core.1234", "mem0_home/history.db~", "run.core", "mem0_home/unknown/deep.bin",
    ):  # fmt: skip
        path = place.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(HELD)
    packed = {
        "a.gz": gzip.compress(HELD), "a.bz2": bz2.compress(HELD), "a.xz": lzma.compress(HELD),
    }  # fmt: skip
    for name, data in packed.items():
        (place.home / name).write_bytes(data)
    with zipfile.ZipFile(place.home / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", HELD)
    expected = [path for path in place.root.rglob("*") if path.is_file() and HELD in path.read_bytes()]
    done, finding = erased(place, [SECRET.memory_id])
    assert finding.status == "broken"
    found = {each.path for each in done.verified.residues}
    assert {str(path.relative_to(place.root)) for path in expected} <= found
    assert {f"mem0_home/{name}" for name in (*packed, "a.zip")} <= found


def test_an_orphaned_index_goes(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    (place.chroma / ORPHAN).mkdir()
    (place.chroma / ORPHAN / "data_level0.bin").write_bytes(HELD)
    _, finding = erased(place, [SECRET.memory_id])
    assert finding.status == "upheld", finding.reason
    assert not (place.chroma / ORPHAN).exists()


def test_zstd_that_cannot_be_read_is_no_silence(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    (place.home / "held").write_bytes(HELD)
    if (
        not tool("zstd", "-q", "--rm", str(place.home / "held"), "-o", str(place.home / "a.zst"))
        and not (place.home / "a.zst").is_file()
    ):
        pytest.skip("there is no zstd here")
    _, finding = erased(place, [SECRET.memory_id])
    assert finding.status in {"inconclusive", "broken"}
    assert "a.zst" in finding.reason


def test_a_link_is_not_followed_and_that_is_no_silence(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    (tmp_path / "elsewhere").write_bytes(HELD)
    (place.home / "link").symlink_to(tmp_path / "elsewhere")
    _, finding = erased(place, [SECRET.memory_id])
    assert finding.status == "inconclusive"
    assert "link" in finding.reason


def test_another_program_s_collection_stays_whole(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])

    def whole() -> Any:
        try:
            with ChromaClient(place) as client:
                found = client.opened().get_collection("theirs", embedding_function=None)
                got = found.get(include=["metadatas", "documents", "embeddings"])
                near = found.query(query_embeddings=[vector("one")], n_results=3)
                space = found.configuration_json["hnsw"]["space"]
                return got["ids"], got["metadatas"], got["documents"], got["embeddings"].tolist(), near["ids"], space
        finally:
            forget_opened()

    with ChromaClient(place) as client:
        marks = {"owner": "them", "hnsw:space": "cosine"}
        theirs = client.opened().create_collection("theirs", embedding_function=None, metadata=marks)
        theirs.add(
            ids=["one", "two"], documents=["a document of theirs", "another"], metadatas=[{"n": 1}, {"n": 2.5}],
            embeddings=[vector("one"), vector("two")],
        )  # fmt: skip
    forget_opened()
    before = whole()
    assert before[-1] == "cosine"
    done, finding = erased(place, [SECRET.memory_id])
    assert finding.status == "upheld", finding.reason
    assert done.bystanders.rows == 3
    assert b"obsidian" not in carved(place.root).lower()
    assert whole() == before


def test_a_write_after_the_scan_upholds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    real = reader.in_another_process

    def late(*arguments: Any) -> Any:
        found = real(*arguments)
        put(place, "shared", [row(SECRET.text)])
        return found

    monkeypatch.setattr(reader, "in_another_process", late)
    done, finding = erased(place, [SECRET.memory_id])
    assert done.unchanged_since is False
    assert finding.status == "inconclusive"
    assert "after the last scan" in finding.reason


def test_a_write_between_the_scans_is_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    real = reader.in_another_process

    def between(*arguments: Any) -> Any:
        put(place, "shared", [row("something else", "bob")])
        return real(*arguments)

    monkeypatch.setattr(reader, "in_another_process", between)
    _, finding = erased(place, [SECRET.memory_id])
    assert finding.status != "upheld"


def test_what_is_imported_again_is_back_and_who_brought_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], at_home: None
) -> None:
    del at_home
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    assert typed(capsys, "export", "before.jsonl", "--store", "s").status == 0
    _, finding = erased(place, [SECRET.memory_id], also=(tmp_path / "before.jsonl",))
    assert finding.status == "broken"
    assert "named/1" in finding.reason
    assert any("exports and copies made before" in each for each in finding.limits)
    done = typed(capsys, "import", "before.jsonl", "--store", "s")
    back = everything(place, "shared")
    if done.status == 0:
        assert SECRET.memory_id in back
        assert "before.jsonl" in done.out + done.err or "import" in (done.out + done.err).lower()


def test_what_no_scan_of_files_sees_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    (home / ".ollama" / "logs").mkdir(parents=True)
    (home / ".ollama" / "logs" / "server.log").write_bytes(HELD)
    (home / ".bash_history").write_text(f"showcase ask '{SECRET.text}'\n")
    monkeypatch.setenv("HOME", str(home))
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    _, finding = erased(place, [SECRET.memory_id])
    said = "\n".join(finding.limits)
    assert "it stays: history of a shell: found in .bash_history" in said
    assert "it stays: model server's log and history: found in server.log" in said
    for what in ("prompt cache", "swap and hibernation", "blocks that the file system", "sync client", "core dumps"):
        assert what in said, what
    assert HELD in (home / ".ollama/logs/server.log").read_bytes(), "it is left as it is"


STOCK = """
import json, sys
from mem0 import Memory
memory = Memory.from_config(json.loads(sys.argv[1]))
for text, name in ((sys.argv[2], "alice"), ("my other one speaks of cardamom", "alice"), ("I drink tea", "bob")):
    memory.add(text, user_id=name, infer=False)
memory.delete_all(user_id="alice")
"""


def test_a_store_that_stock_mem0_made_and_emptied_alone(
    tmp_path: Path, gate: OllamaGate, capsys: pytest.CaptureFixture[str], at_home: None
) -> None:
    """mem0's own `delete_all` leaves the text in both databases; nobody of ours ever wrote to this store."""
    del at_home
    place = store_place(tmp_path / "s")
    for each in (place.chroma, place.home):
        each.mkdir(parents=True)
    model = choose_embedding(gate, embed=None)
    config = mem0_store.configuration(
        store=place.chroma, home=place.home, endpoint=gate.endpoint, chat_model="none", embed_model=model.name,
        dimensions=model.dimensions or 0,
    )  # fmt: skip
    host = f"{gate.endpoint}"
    subprocess.run(
        [sys.executable, "-c", STOCK, json.dumps(config), SECRET.text],
        check=True, timeout=120, env={**os.environ, "NO_PROXY": host.partition(":")[0]},
    )  # fmt: skip
    assert b"obsidian" in carved(place.root).lower()
    done = typed(capsys, "forget", "--traces", "--store", "s", "--user-id", "alice", "--yes")
    got = carved(place.root).lower()
    for word in (b"obsidian", b"cardamom"):
        assert word not in got
    assert b"i drink tea" in got
    assert done.status == 0, done.out + done.err


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_either_backend_stored_is_erased(
    tmp_path: Path, gate: OllamaGate, name: BackendName, layout: Layout
) -> None:
    place = store_place(tmp_path / "s")
    there = Opened(gate=gate, embed_model=choose_embedding(gate, embed=None), chat_model=None, kind="rehearsal")
    with opened(look(place, layout), there, name=name, limit_s=60) as backend:
        for user_id, text in (("alice", SECRET.text), ("alice", "the sea is near"), ("bob", "I drink tea")):
            backend.add(user_id, [Message(role="user", content=text)], source="typed")
        ids = [each.memory_id for each in backend.rows.rows("alice") if each.text == SECRET.text]
    forget_opened()
    assert len(ids) == 1
    _, finding = erased(place, ids)
    assert finding.status == "upheld", finding.reason
    got = carved(place.root).lower()
    assert b"obsidian" not in got
    assert ids[0].encode() not in got
    assert {each.text for each, _ in everything(place, layout).values()} == {"the sea is near", "I drink tea"}


def _loop(image: Path, mount: Path) -> None:
    for command in (
        ["truncate", "-s", "64M", str(image)], ["mkfs.ext4", "-q", "-F", str(image)],
        ["mount", "-o", "loop,nodiscard", str(image), str(mount)],
    ):  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no loop device can be had: {done.stderr.strip()}")


@pytest.mark.root
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a file system")
def test_the_image_of_a_whole_file_system(tmp_path: Path, temporary: Path) -> None:
    """Carved from the device itself: what is left is what files gave back before, and the certificate says so."""
    image, mount = tmp_path / "image", tmp_path / "mount"
    mount.mkdir()
    _loop(image, mount)
    try:
        place = made(mount / "s", "shared", [row(f"{SECRET.text} {'gabbro ' * 900}", memory_id="e" * 32), STAYS])
        os.sync()
        assert b"obsidian" in image.read_bytes()
        old = {path: path.read_bytes().count(b"obsidian") for path in place.root.rglob("*") if path.is_file()}
        assert sum(old.values())
        _, finding = erased(place, ["e" * 32])
        os.sync()
        left = image.read_bytes().count(b"obsidian")
    finally:
        subprocess.run(["umount", str(mount)], check=True)  # noqa: S607 - wherever this system has it
    assert finding.status == "upheld", finding.reason
    assert any("what files gave back before this" in each for each in finding.limits)
    assert left < sum(old.values()), "the files that were there are written over"
    assert not [path for path in temporary.rglob("*") if path.is_file()]
