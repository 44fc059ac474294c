"""`showcase inspect --residue` and `memories forget` as they are typed."""

from __future__ import annotations

import io
import json
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from erased import carved, files
from kept_stores import LAYOUTS, everything, made, row, typed

from showcase import cli
from showcase.documents import leftovers
from showcase.erasure import search
from showcase.memory import history
from showcase.memory.left_on_disk import typed_lines

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.memory.store_record import Layout

pytestmark = pytest.mark.usefixtures("at_home")
Capture = pytest.CaptureFixture[str]

SECRET = row("my locker code is obsidian-4711")
TEA = row("I drink tea", "bob")


def inspect(capsys: Capture, *words: object) -> tuple[int, str]:
    capsys.readouterr()
    status = cli._run(["inspect", *map(str, words)], verbose=False)
    said = capsys.readouterr()
    return status, said.out + said.err


class Bytes(io.TextIOWrapper):
    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))


def test_what_is_there_is_found_and_nothing_is_changed(tmp_path: Path, capsys: Capture) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, TEA])
    before = files(place.root)
    status, said = inspect(capsys, place.root, "--residue", SECRET.text)
    assert status == 1
    assert "it is there" in said
    assert "chroma.sqlite3" in said
    assert files(place.root) == before


def test_a_text_by_standard_input(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, TEA])
    monkeypatch.setattr(sys, "stdin", Bytes(SECRET.text.encode() + b"\n"))
    assert inspect(capsys, place.root, "--residue", "-")[0] == 1
    monkeypatch.setattr(sys, "stdin", Bytes(b"a text about quartzite that nobody wrote\n"))
    status, said = inspect(capsys, place.root, "--residue", "-")
    assert status == 0
    assert "vectors were not looked for" in said
    for data in (b"", b"\n", b"\xff\xfe"):
        monkeypatch.setattr(sys, "stdin", Bytes(data))
        assert inspect(capsys, place.root, "--residue", "-")[0] == 2


@pytest.mark.parametrize(("text", "status"), [("locker quartzite gabbro", 3), ("abc", 3), ("obsidian gneiss", 3)])
def test_words_alone_and_what_is_too_short_prove_nothing(
    tmp_path: Path, capsys: Capture, text: str, status: int
) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, TEA])
    got, said = inspect(capsys, place.root, "--residue", text)
    assert got == status, said


def test_a_blind_scanner_proves_nothing(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, TEA])
    monkeypatch.setattr(search.Searcher, "search", lambda *_: iter(()))
    status, said = inspect(capsys, place.root, "--residue", SECRET.text)
    assert status == 3
    assert "proves nothing" in said


def test_forgetting_as_it_is_typed(tmp_path: Path, capsys: Capture) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, TEA])
    done = typed(
        capsys, "forget", SECRET.memory_id, "--store", "s", "--user-id", "alice", "--yes", "--json",
        "--certificate", "copy.json",
    )  # fmt: skip
    assert done.status == 0, done.out + done.err
    told = json.loads(done.out)
    assert told["erasure"]["status"] == "upheld"
    assert (tmp_path / "copy.json").read_bytes() == (place.home / "certificates/erasure-0001.json").read_bytes()
    assert bytes.fromhex(told["key"])
    assert all(told["key"].encode() not in data for data in files(place.root).values()), "kept nowhere"
    assert b"obsidian" not in carved(place.root).lower()
    assert cli._run(["verify", "copy.json"], verbose=False) == 0


def test_rows_only_leaves_the_bytes_and_traces_take_them(tmp_path: Path, capsys: Capture) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, TEA])
    history.keep(place, [history.HistoryEvent(id="e", memory_id=SECRET.memory_id, new_memory=SECRET.text, event="ADD")])
    at = ("--store", "s", "--user-id", "alice", "--yes")
    assert typed(capsys, "forget", "--all", "--rows-only", *at).status == 0
    assert b"obsidian" in carved(place.root).lower()
    done = typed(capsys, "forget", "--traces", *at)
    assert done.status == 0, done.out + done.err
    assert b"obsidian" not in carved(place.root).lower()
    assert list(everything(place, "shared")) == [TEA.memory_id]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_everything_of_a_user_goes_and_nothing_of_others(tmp_path: Path, capsys: Capture, layout: Layout) -> None:
    place = made(tmp_path / "s", layout, [SECRET, row("a second of hers, cardamom"), TEA])
    with closing(sqlite3.connect(place.home / "history.db")) as database, database:
        database.execute(
            "CREATE TABLE messages (id TEXT PRIMARY KEY, session_scope TEXT, role TEXT, content TEXT, name TEXT, "
            "created_at DATETIME)"
        )
        for name in ("alice", "bob", "alice2"):
            database.execute(
                "INSERT INTO messages VALUES (?, ?, 'user', ?, NULL, '2026')",
                (name, f"user_id={name}", f"message of {name}: {'vestibule' if name == 'alice' else 'harbour'}"),
            )
    lines = {name: typed_lines(place, name) for name in ("alice", "bob")}
    for name, path in lines.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"\n# 2026-01-01 10:00:00.0\n+I am {name} and type vestibule\n")
    bobs = lines["bob"].read_bytes()
    done = typed(capsys, "forget", "--all", "--store", "s", "--user-id", "alice", "--yes")
    got = carved(place.root).lower()
    assert not lines["alice"].exists()
    assert lines["bob"].read_bytes() == bobs
    for word in (b"obsidian", b"cardamom", b"message of alice:"):
        assert word not in got, word
    assert b"message of alice2" in got
    assert b"message of bob" in got
    assert done.status == 0, done.out + done.err
    assert list(everything(place, layout)) == [TEA.memory_id]


def test_typed_lines_lose_the_entries_that_hold_it_alone(tmp_path: Path, capsys: Capture) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, TEA])
    path = typed_lines(place, "alice")
    path.parent.mkdir()
    path.write_text(f"\n# 2026-01-01\n+hello\n\n# 2026-01-02\n+well:\n+{SECRET.text}\n\n# 2026-01-03\n+good night\n")
    done = typed(capsys, "forget", SECRET.memory_id, "--store", "s", "--user-id", "alice", "--yes")
    assert done.status == 0, done.out + done.err
    assert path.read_text() == "\n# 2026-01-01\n+hello\n\n# 2026-01-03\n+good night\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--all", "--rows-only", "--records"], "leave --rows-only out"),
        (["--all", "--rows-only", "--traces"], "one of them"),
        (["--all", "--rows-only", "--certificate", "c.json"], "leave --rows-only out"),
        (["--traces", "--matching", "x"], "one of them"),
        (["--all", "--certificate", "s/mem0_chroma/chroma.sqlite3"], ""),
        (["--all", "--certificate", "s/mem0_home/history.db"], ""),
        (["--all", "--certificate", "s/mem0_home/showcase-store.json"], ""),
        (["--all", "--certificate", "nowhere/c.json"], ""),
        (["--all", "--certificate", "mine.txt"], "is no certificate"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_goes(
    tmp_path: Path, capsys: Capture, words: list[str], said: str
) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, TEA])
    history.keep(place, [history.HistoryEvent(id="e", memory_id="x", new_memory="y", event="ADD")])
    (tmp_path / "mine.txt").write_text("mine")
    before = files(place.root)
    done = typed(capsys, "forget", *words, "--store", "s", "--user-id", "alice", "--yes")
    assert done.status in {2, 4}, done.out + done.err
    assert said in done.err
    assert len(everything(place, "shared")) == 2
    assert files(place.root)["mem0_home/history.db"] == before["mem0_home/history.db"]
    assert not (place.home / "certificates").exists()
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_nobody_to_ask_forgets_nothing(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, TEA])
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    for words in (["--all"], ["--traces"], [SECRET.memory_id]):
        done = typed(capsys, "forget", *words, "--store", "s", "--user-id", "alice")
        assert done.status == 2
        assert "nobody can be asked" in done.err
    assert len(everything(place, "shared")) == 2


def test_an_unknown_user_has_nothing_to_forget(tmp_path: Path, capsys: Capture) -> None:
    place = made(tmp_path / "s", "shared", [SECRET, TEA])
    done = typed(capsys, "forget", "--all", "--store", "s", "--user-id", "nobody", "--yes")
    assert done.status == 0, done.out + done.err
    assert "nothing to forget" in done.out
    assert len(everything(place, "shared")) == 2
    assert not (place.home / "certificates").exists(), "nothing was looked for, and nothing is certified"


def test_no_audit_writes_down_what_is_to_be_forgotten(tmp_path: Path, capsys: Capture) -> None:
    made(tmp_path / "s", "shared", [SECRET, TEA])
    at = ("--store", "s", "--user-id", "alice", "--yes")
    said = typed(capsys, "forget", "--matching", SECRET.text, "--audit", "audited", *at)
    assert said.status == 2
    assert "hold the command line" in said.err
    assert not (tmp_path / "audited").exists()


def test_where_it_is_found_elsewhere_the_file_is_named_and_the_command_that_looks_again(
    tmp_path: Path, capsys: Capture
) -> None:
    made(tmp_path / "s", "shared", [SECRET, TEA])
    kept = tmp_path / "export.txt"
    kept.write_text(SECRET.text, encoding="utf-8")
    at = ("--store", "s", "--user-id", "alice", "--yes")
    said = typed(capsys, "forget", SECRET.memory_id, "--also", str(kept), *at)
    assert said.status == 1
    assert str(kept) in said.out
    assert "--traces" in said.out
    assert kept.read_text(encoding="utf-8") == SECRET.text


def test_what_a_process_at_work_has_for_the_moment_is_no_residue(tmp_path: Path, capsys: Capture) -> None:
    made(tmp_path / "s", "shared", [SECRET, TEA])
    with leftovers.temporary("showcase-control-") as place:
        (place / "copy").write_text(SECRET.text, encoding="utf-8")
        said = typed(capsys, "forget", SECRET.memory_id, "--store", "s", "--user-id", "alice", "--yes")
        assert said.status == 0, said.out
        assert (place / "copy").exists()


def test_who_has_what_is_forgotten_too_is_told(tmp_path: Path, capsys: Capture) -> None:
    quoting = row(f"Alice says: {SECRET.text}", "bob")
    made(tmp_path / "s", "shared", [SECRET, TEA, quoting])
    said = typed(capsys, "forget", SECRET.memory_id, "--store", "s", "--user-id", "alice", "--yes")
    assert said.status == 0, said.out
    assert f"bob has it too, in the memory {quoting.memory_id}" in said.err
    assert TEA.memory_id not in said.err
