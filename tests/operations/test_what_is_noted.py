"""What each way of working on memories leaves in the log, and that no word of a memory is among it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kept_stores import LAYOUTS, OF_TWO, everything, made, put, row, typed, vector
from killed_writer import NEW_MODEL, embed
from logged import OWN, compared, events, known, path_of, raw, said, whole, without_log

from showcase import __version__
from showcase.cli.repl.incognito import Copy, digest
from showcase.evidence import Message
from showcase.memory import moving, reembedding
from showcase.memory.backends import opening
from showcase.memory.backends.opening import look
from showcase.memory.collections import Collections
from showcase.memory.mem0_store import COLLECTION
from showcase.memory.operations.process import called
from showcase.memory.stored import PINNED, to_metadata
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from showcase.engines.ollama import OllamaGate
    from showcase.memory.store_record import Layout
    from showcase.settings.store_place import StorePlace

TESTS = Path(__file__).parents[1]
TURIN, RAILWAY = OF_TWO[0].memory_id, OF_TWO[1].memory_id
SECRET = row("my locker code is obsidian-4711 at the vestibule")


def of_alice(place: StorePlace) -> tuple[object, ...]:
    return "--user-id", "alice", "--store", place.root


def ids(place: StorePlace) -> list[str]:
    return list(everything(place, look(place).layout))


def check_agrees(place: StorePlace) -> None:
    whole(place)
    there = compared(place, ids(place))
    assert (there.not_logged, there.gone, there.undecided) == ((), 0, 0)


def test_each_command_notes_what_it_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = made(tmp_path / "s")
    for words, event in (
        (("list", *of_alice(place)), "LIST"),
        (("list", "--store", place.root), "LIST"),
        (("show", TURIN, *of_alice(place)), "SHOW"),
        (("history", TURIN, *of_alice(place)), "HISTORY"),
        (("export", "--vectors", tmp_path / "e", "--store", place.root), "EXPORT"),
        (("pin", TURIN, *of_alice(place)), "PIN"),
        (("unpin", TURIN, *of_alice(place)), "UNPIN"),
        (("expire", "--older-than", "1h", "--yes", *of_alice(place)), "DELETE"),
        (("import", tmp_path / "e", "--store", place.root), "IMPORT"),
        (("forget", TURIN, "--rows-only", "--yes", *of_alice(place)), "DELETE"),
        (("move", "--layout", "per-user", "--store", place.root), "MOVE"),
    ):
        done = typed(capsys, *words)
        assert done.status == 0, done
        last = said(place)[-1]
        assert last["event"] == event, words
        assert last["process"]["command"] == f"memories {words[0]}"
        assert last["process"]["pid"] == os.getpid()
        assert last["process"]["version"] == __version__
        check_agrees(place)
    before = path_of(place).read_bytes()
    for words in (("expire", "--older-than", "1h", "--dry-run"), ("forget", "--all", "--dry-run"), ("log",)):
        assert typed(capsys, *words, *of_alice(place)).status == 0
    assert path_of(place).read_bytes() == before, "what does nothing notes nothing"


@pytest.mark.parametrize("backend", ["mem0", "chroma"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_backend_notes_what_became_of_what_it_was_told(
    tmp_path: Path, gate: OllamaGate, backend: Any, layout: Layout
) -> None:
    from showcase.engines.discovery import choose_embedding  # noqa: PLC0415 - heavy
    from showcase.engines.everyday import Opened  # noqa: PLC0415 - heavy

    server = Opened(
        gate=gate, embed_model=choose_embedding(gate, embed="rehearsal-embed"), chat_model=None, kind="rehearsal"
    )
    place = store_place(tmp_path / "s")
    with called("ask"), opening.opened(look(place, layout), server, name=backend, limit_s=60) as there:
        change = there.add("alice", [Message(role="user", content=SECRET.text)], source="typed")[0]
        there.search("alice", "where is my locker?", at_most=3)
        there.update("alice", change.memory_id, "my locker code is marrowfat")
        there.delete("alice", change.memory_id)
    noted = [each for each in said(place) if each["step"] in ("done", "noted") and each["event"] != "NOTE"]
    assert [each["event"] for each in noted] == ["BEGIN", "ADD", "SEARCH", "UPDATE", "DELETE"]
    assert {each["process"]["command"] for each in noted} == {"ask"}
    names = known(place)
    for each in noted:
        if each["event"] in ("ADD", "UPDATE", "DELETE"):
            assert each["memories"] == [names.pseudonym("memory", change.memory_id)]
        if each["event"] != "BEGIN":
            assert each["user"] == names.pseudonym("user", "alice")
    check_agrees(place)
    data = path_of(place).read_bytes().lower()
    for word in (b"locker", b"obsidian", b"marrowfat", b"alice", change.memory_id.encode()):
        assert word not in data


def test_what_is_kept_beside_the_store_is_its_owners_alone(tmp_path: Path) -> None:
    place = made(tmp_path / "s", rows=[SECRET])
    for name in OWN:
        path = place.home / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, name
        held = path.read_bytes().lower()
        assert not any(word in held for word in (b"locker", b"obsidian", b"alice", SECRET.memory_id.encode()))


def test_a_log_tells_of_a_user_and_of_a_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = made(tmp_path / "s")
    typed(capsys, "pin", TURIN, *of_alice(place))
    typed(capsys, "forget", RAILWAY, "--rows-only", "--yes", *of_alice(place))
    log = ("log", "--store", place.root)
    everybodys = typed(capsys, *log).out
    assert "alice" in everybodys
    assert "bob" in everybodys
    alices = typed(capsys, *log, "--user-id", "alice", "--json")
    assert {each["user_id"] for each in json.loads(alices.out)["lines"]} == {"alice"}
    assert typed(capsys, *log, "--user-id", "bob").out.count("ADD") == 1
    of_turin = json.loads(typed(capsys, *log, TURIN[:10], "--json").out)["lines"]
    assert [each["event"] for each in of_turin if each["step"] == "done"] == ["ADD", "PIN"]
    gone = json.loads(typed(capsys, *log, RAILWAY, "--json").out)["lines"]
    assert [each["event"] for each in gone if each["step"] == "done"] == ["ADD", "DELETE"], "whoever knows it, asks"
    assert len(json.loads(typed(capsys, *log, "--last", "2", "--json").out)["lines"]) == 2
    assert "no line about it" in typed(capsys, *log, "--user-id", "carol").out
    assert not [word for word in ("Turin", "railway", "tea") if word in everybodys]


def test_a_store_of_an_older_version_begins_its_log_with_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = without_log(made(tmp_path / "s"))
    assert typed(capsys, "list", *of_alice(place)).status == 0
    assert not path_of(place).exists(), "who only looks begins none"
    assert typed(capsys, "log", "--verify", "--store", place.root).status == 3
    assert typed(capsys, "pin", TURIN, *of_alice(place)).status == 0
    assert events(place) == ["BEGIN", "THERE", "PIN"]
    assert said(place)[0]["count"] == len(OF_TWO)
    check_agrees(place)


def test_what_others_did_is_told_as_theirs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = made(tmp_path / "s")
    alien = row("written by somebody else")
    with Collections(place, "shared") as rows:
        collection = rows.opened().get_collection(COLLECTION, embedding_function=None)
        collection.add(
            ids=[alien.memory_id], metadatas=[to_metadata(alien)], embeddings=[vector(alien.text)]
        )  # fmt: skip
        collection.delete(ids=[TURIN])
    done = typed(capsys, "log", "--verify", "--store", place.root)
    assert done.status == 0, "the log is whole"
    assert f"1 of 4 rows were added not by this program: {alien.memory_id}" in done.out
    assert "1 that the log tells of are gone, taken out not by this program" in done.out
    found = json.loads(typed(capsys, "log", "--verify", "--json", "--store", place.root).out)["rows"]
    assert (found["not_logged"], found["gone"]) == ([alien.memory_id], 1)


def test_without_its_key_a_log_is_whole_and_says_that_it_tells_nothing_of_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = made(tmp_path / "s")
    (place.home / "showcase-operations.key").unlink()
    assert typed(capsys, "pin", TURIN, *of_alice(place)).status == 0
    assert events(place)[-2:] == ["KEY", "PIN"]
    done = typed(capsys, "log", "--verify", "--store", place.root)
    assert done.status == 0
    assert "the key was not there" in done.out
    assert "rows were not compared" in done.out


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_conversion_carries_the_log_along_as_it_is(tmp_path: Path, layout: Layout) -> None:
    place = made(tmp_path / "s", layout)
    before = raw(place)
    after: Layout = "per-user" if layout == "shared" else "shared"
    moving.move(look(place), after, embed_model=None, progress=lambda *_: None)
    reembedding.reembed(look(place), NEW_MODEL, embed, progress=lambda *_: None)
    assert raw(place)[: len(before)] == before
    assert events(place)[-2:] == ["MOVE", "REEMBED"]
    check_agrees(place)


@pytest.mark.skipif(sys.platform == "win32", reason="`kill -9` is of POSIX")
def test_a_conversion_that_another_process_finishes_is_noted_as_done(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    killer = TESTS / "killed_writer.py"
    words = [str(place.root), "per-user", "showcase.memory.conversion:_carry_out", "before", "1"]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    done = subprocess.run([sys.executable, str(killer), *words], check=False, timeout=200, env=environment)
    assert done.returncode == -9
    assert len(whole(place).open) == 1
    put(place, look(place).layout, [SECRET])
    assert whole(place).open == ()
    ends = [each for each in said(place) if each["event"] == "MOVE"]
    assert [each["step"] for each in ends] == ["begun", "done"]
    assert ends[0]["process"]["pid"] != ends[1]["process"]["pid"] == os.getpid()
    check_agrees(place)


def test_incognito_notes_nothing_in_the_store(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    before = digest(place)
    copy = Copy(place)
    try:
        with Collections(copy.place, "shared") as rows:
            rows.same.reading("LIST", "alice", count=3)
            rows.note("alice", {TURIN: {PINNED: True}})
        assert events(copy.place)[-2:] == ["LIST", "PIN"], "the copy has a log of its own"
    finally:
        copy.close()
    assert digest(place) == before
