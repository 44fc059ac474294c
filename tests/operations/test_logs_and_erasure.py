"""What an erasure leaves of the log: every line of it, and nothing by which anybody can ask for what was forgotten."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from erased import erased, holding
from kept_stores import LAYOUTS, everything, made, row, typed
from logged import compared, known, path_of, raw, said, whole

from showcase.memory.backends.chroma_backend import row_id
from showcase.memory.backends.opening import look
from showcase.memory.operations import names

if TYPE_CHECKING:
    from showcase.memory.store_record import Layout

TESTS = Path(__file__).parents[1]
TEXT = "my locker code is obsidian-4711 at the vestibule"
SECRET = row(TEXT, memory_id=row_id("alice", TEXT))
"""An id as the backend `chroma` makes it: whoever guesses the text, has it."""

OTHER, BOBS = row("I live in Turin"), row("I drink tea", "bob")


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Look through no copies that another test has there now."""
    found = tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("TMPDIR", str(found))
    monkeypatch.setattr(tempfile, "tempdir", str(found))
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_erasure_keeps_every_line_and_no_guess_leads_to_what_is_forgotten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: Layout
) -> None:
    place = made(tmp_path / "s", layout, [SECRET, OTHER, BOBS])
    before, old = raw(place), known(place)
    digest = whole(place).head
    pseudonym = old.pseudonym("memory", SECRET.memory_id)
    assert pseudonym.encode() in path_of(place).read_bytes(), "until then a guess leads to it"
    done = typed(capsys, "forget", SECRET.memory_id, "--user-id", "alice", "--store", place.root, "--yes", "--json")
    assert done.status == 0, done
    assert json.loads(done.out)["erasure"]["status"] == "upheld"
    assert raw(place)[: len(before)] == before
    assert holding(place.root, [old.key.hex().encode(), old.key]) == [], "the old key is nowhere"
    now = known(place)
    told = {each for line in said(place) for each in (line["user"], *line["memories"])}
    assert not now.all_of("memory", SECRET.memory_id) & told
    for kind, name in (("memory", OTHER.memory_id), ("memory", BOBS.memory_id), ("user", "bob"), ("user", "alice")):
        assert now.all_of(kind, name) & told, "what stays is told of as before"  # type: ignore[arg-type]
    last = said(place)[-1]
    assert (last["event"], last["step"], last["user"], last["memories"], last["count"]) == (
        "ERASE",
        "done",
        None,
        [],
        1,
    )
    verified = typed(capsys, "log", "--verify", "--head", digest, "--store", place.root)
    assert verified.status == 0, verified
    assert (
        "2 rows there, by their ids those that the log tells of; their words and owners are not compared"
        in verified.out
    )


def test_after_all_of_a_user_is_forgotten_their_name_leads_to_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = made(tmp_path / "s", rows=[SECRET, OTHER, BOBS])
    for _ in range(2):
        typed(capsys, "list", "--user-id", "alice", "--store", place.root)
    lines = len(raw(place))
    done = typed(capsys, "forget", "--all", "--user-id", "alice", "--store", place.root, "--yes", "--json")
    assert done.status == 0, done
    told = {line["user"] for line in said(place)}
    assert not known(place).all_of("user", "alice") & told
    assert known(place).all_of("user", "bob") & told
    assert "no line about it" in typed(capsys, "log", "--user-id", "alice", "--store", place.root).out
    assert len(raw(place)) == lines + 2, "and every line is there"
    there = compared(place, list(everything(place, "shared")))
    assert (there.rows, there.not_logged, there.gone, there.undecided) == (1, (), 0, 0)


def test_one_erasure_after_the_other_keeps_what_stays_known(tmp_path: Path) -> None:
    third = row("the third one speaks of cardamom")
    place = made(tmp_path / "s", rows=[SECRET, OTHER, third, BOBS])
    for each in (SECRET, third):
        _, finding = erased(place, [each.memory_id])
        assert finding.status == "upheld", finding.reason
    assert len(known(place).all_of("memory", OTHER.memory_id)) == 3
    there = compared(place, list(everything(place, "shared")))
    assert (there.rows, there.not_logged, there.gone, there.undecided) == (2, (), 0, 0)
    whole(place)


def test_what_goes_after_a_key_was_renewed_is_told_to_be_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    third = row("the third one speaks of cardamom")
    place = made(tmp_path / "s", rows=[SECRET, OTHER, third, BOBS])
    erased(place, [BOBS.memory_id], "bob")
    typed(capsys, "forget", third.memory_id, "--rows-only", "--yes", "--user-id", "alice", "--store", place.root)
    erased(place, [SECRET.memory_id])
    there = compared(place, list(everything(place, "shared")))
    assert (there.rows, there.not_logged, there.gone, there.undecided) == (1, (), 0, 0)


def test_a_number_that_a_digest_holds_by_chance_is_no_residue(tmp_path: Path) -> None:
    year = row("2026", memory_id="0123")
    place = made(tmp_path / "s", rows=[year, row("I drink tea", "bob", created_at=None, updated_at=None)])
    with path_of(place).open("ab") as file:
        file.write(b'"by chance 2026 and 0123 in a digest"\n')
    _, finding = erased(place, [year.memory_id])
    assert "showcase-operations" not in finding.reason
    assert any("short texts and ids in the log of operations" in each for each in finding.limits)


def test_an_id_in_clear_in_the_log_would_be_found(tmp_path: Path) -> None:
    """The scan looks through the log: planted there, the id is residue, and the certificate says so."""
    place = made(tmp_path / "s", rows=[SECRET, BOBS])
    with path_of(place).open("ab") as file:
        file.write(SECRET.memory_id.encode() + b"\n")
    _, finding = erased(place, [SECRET.memory_id])
    assert finding.status == "broken"
    assert "showcase-operations.jsonl" in finding.reason


KILLED = """
import os, signal, sys
from pathlib import Path
from erased import erased
from showcase.memory import replacement
from showcase.settings.store_place import store_place
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
replacement._carry_out = die
erased(store_place(Path(sys.argv[1])), [sys.argv[2]])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="`kill -9` is of POSIX")
def test_an_erasure_that_another_process_finishes_is_noted_and_its_key_is_gone(tmp_path: Path) -> None:
    place = made(tmp_path / "s", rows=[SECRET, OTHER, BOBS])
    old = known(place)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(place.root), SECRET.memory_id],
        check=False, timeout=200, env={**os.environ, "PYTHONPATH": str(TESTS)},
    )  # fmt: skip
    assert done.returncode == -9
    assert known(place).key == old.key, "decided, and not carried out yet"
    assert len(whole(place).open) == 1
    look(place)
    assert known(place).key != old.key
    assert holding(place.root, old.key.hex().encode()) == []
    assert said(place)[-1]["event"] == "ERASE"
    assert whole(place).open == ()
    there = compared(place, list(everything(place, "shared")))
    assert (there.rows, there.not_logged, there.gone, there.undecided) == (2, (), 0, 0)


def test_a_store_without_a_log_gets_one_by_its_first_erasure(tmp_path: Path) -> None:
    place = made(tmp_path / "s", rows=[SECRET, BOBS])
    for path in place.home.glob("showcase-operations*"):
        path.unlink()
    _, finding = erased(place, [SECRET.memory_id])
    assert finding.status == "upheld", finding.reason
    assert [each["event"] for each in said(place)] == ["BEGIN", "THERE", "ERASE", "ERASE"]
    assert not known(place).all_of("memory", SECRET.memory_id) & {x for each in said(place) for x in each["memories"]}


def test_renewed_names_know_what_they_were_told_and_nothing_else() -> None:
    first = names.Names(key=b"k" * 32)
    second = first.renewed(["bob"], ["one"]).renewed(["bob"], ["one"])
    assert first.pseudonym("user", "bob") in second.all_of("user", "bob")
    assert first.pseudonym("memory", "one") in second.all_of("memory", "one")
    assert first.pseudonym("memory", "two") not in second.all_of("memory", "two")
    assert first.pseudonym("user", "one") != first.pseudonym("memory", "one")
    assert "6b6b" not in repr(first)
