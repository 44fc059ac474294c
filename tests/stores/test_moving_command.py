"""`memories move --to`, `export` and `import` as they are typed, on directories and on servers."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest
from kept_stores import OF_TWO, everything, made, typed
from moved_rows import EVENTS, carried, plant, rows
from moving_places import KINDS, Kind, Somewhere, somewhere

from showcase.cli.memories.moving import _secret
from showcase.errors import UsageError
from showcase.memory import history
from showcase.memory.import_file import takes_name
from showcase.memory.migration import copying
from showcase.memory.user_ids import check_user_id
from showcase.settings.store_address import parse
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from showcase.memory.stored import Stored
    from showcase.settings.store_place import StoreNamed

    Place = Callable[[Kind, str], Somewhere]


@pytest.fixture
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, collection: str) -> Place:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return lambda kind, name: somewhere(request, kind, tmp_path / name, f"{collection}_{name}")


def test_a_dry_run_says_what_would_be_done_and_does_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(tmp_path / "s")
    said = typed(capsys, "move", "--store", tmp_path / "s", "--to", tmp_path / "t", "--dry-run")
    assert said.status == 0, said.err
    assert "would copy 4 memories of 2 users" in said.out
    assert not (tmp_path / "t").exists()


def test_a_run_that_kept_its_memories_elsewhere_is_told_from_no_store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for of_a_run in (False, True):
        if of_a_run:
            (tmp_path / "run-log.json").write_text("{}", encoding="utf-8")
        said = typed(capsys, "list", "--store", tmp_path)
        assert said.status == 2
        assert ("kept no memories there" in said.err) is of_a_run
        assert ("begin a store" in said.err) is not of_a_run, "a store that is begun there would mix with the run"


def test_who_ends_it_is_told_that_the_same_command_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path / "s")

    def ended(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(copying, "copy", ended)
        said = typed(capsys, "move", "--store", tmp_path / "s", "--to", tmp_path / "t")
    assert said.status == 3
    assert "the same command again copies the rest" in said.err
    assert typed(capsys, "move", "--store", tmp_path / "s", "--to", tmp_path / "t").status == 0


def test_what_was_copied_is_told_and_the_source_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = made(tmp_path / "s")
    before = everything(source, "shared")
    said = typed(capsys, "move", "--store", tmp_path / "s", "--to", tmp_path / "t", "--layout", "per-user")
    assert said.status == 0, said.err
    assert "copied 4 memories of 2 users" in said.out
    assert "all 4 read back and compared: every field, and every vector to the last bit" in said.out
    assert everything(source, "shared") == before == everything(store_place(tmp_path / "t"), "per-user")
    assert "IMPORT" in typed(capsys, "log", "--store", tmp_path / "t").out, "the target's log of operations has it"
    told = [line for line in said.out.splitlines() if line.startswith("  showcase memories forget")]
    assert [shlex.split(line)[-3:] for line in told] == [["--user-id", "alice", "--all"], ["--user-id", "bob", "--all"]]
    again = typed(capsys, *shlex.split(told[0])[2:], "--yes")
    assert again.status == 0, "the command that is told is one that works"
    assert {row.user_id for row, _ in everything(source, "shared").values()} == {"bob"}


def test_a_document_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(tmp_path / "s")
    said = typed(capsys, "move", "--store", tmp_path / "s", "--to", tmp_path / "t", "--user-id", "bob", "--json")
    found = json.loads(said.out)
    assert (found["rows"], found["new"], found["users"]) == (1, 1, [{"user_id": "bob", "memories": 1}])
    assert (found["copied"]["written"], found["copied"]["compared"], found["dry_run"]) == (1, 1, False)
    assert len(everything(store_place(tmp_path / "t"), "shared")) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say where to"),
        (("--to", "s"), "is the store itself"),
        (("--layout", "per-user", "--dry-run"), "converted whole"),
        (("--to", "t", "--user-id", "carol"), "no memory of carol"),
        (("--to", "postgresql://me@db.example/memories"), "not on this machine"),
        (("--to", "postgresql://me:secret@127.0.0.1/memories"), "carries a password"),
        (("--to", "other"), "holds other files"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_remedy(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    said: str,
) -> None:
    source = made(tmp_path / "s")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").touch()
    told = typed(capsys, "move", "--store", "s", *words)
    assert told.status == 2
    assert said in told.err
    assert "fix: " in told.err
    assert len(everything(source, "shared")) == len(OF_TWO)


def test_no_server_is_shown_the_password_of_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def named(text: str) -> StoreNamed:
        address = parse(text)
        assert address is not None
        return address

    one, same = named("postgresql://me@127.0.0.1:5432/a"), named("postgresql://you@127.0.0.1:5432/b")
    other, directory = named("redis://127.0.0.1:6379"), tmp_path
    monkeypatch.setenv("SHOWCASE_STORE_SECRET", "of the source")
    assert _secret(other, one) is None
    assert _secret(same, one) == "of the source"
    assert _secret(other, directory) == _secret(other, named("qdrant:DIR")) == "of the source", "there is one server"
    assert _secret(directory, one) is None
    monkeypatch.setenv("SHOWCASE_STORE_SECRET_TO", "of the target")
    assert _secret(other, one) == _secret(same, one) == "of the target"
    monkeypatch.delenv("SHOWCASE_STORE_SECRET_TO")
    file = tmp_path / "secret"
    file.write_text("from a file\n")
    file.chmod(0o644)
    monkeypatch.setenv("SHOWCASE_STORE_SECRET_TO_FILE", str(file))
    with pytest.raises(UsageError, match=r"SHOWCASE_STORE_SECRET_TO_FILE.*others may read"):
        _secret(other, one)
    file.chmod(0o600)
    assert _secret(other, one) == "from a file"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("shared", "per-user")])
def test_an_export_of_an_engine_comes_back_to_it_with_vectors_and_history(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, kind: Kind
) -> None:
    source, target, back = place(kind, "s"), place("per-user", "t"), place(kind, "b")
    monkeypatch.setenv("SHOWCASE_STORE_SECRET", source.secret or "")
    plant(source, [row for row in rows(nobodys=False) if is_importable(row.stored)], EVENTS)
    for one, other in ((source, target), (target, back)):
        done = typed(capsys, "export", "--store", one.named, "--vectors", "--replace", tmp_path / "file.jsonl")
        assert done.status == 0, done.err
        done = typed(capsys, "import", "--store", other.named, *layout(other), tmp_path / "file.jsonl")
        assert done.status == 0, done.err
    for there in (target, back):
        assert comparable(there) == comparable(source)
        assert history.everything(there.place) == EVENTS


def layout(there: Somewhere) -> list[str]:
    return ["--layout", "per-user"] if there.kind == "per-user" else []


def is_importable(row: Stored) -> bool:
    try:
        check_user_id(str(row.user_id), others=["alice"] if row.user_id == "Alice" else [])
    except UsageError:
        return False
    return all(takes_name(name) and not isinstance(held, list) for name, held in row.metadata.items())


def comparable(there: Somewhere) -> dict[str, tuple[object, ...]]:
    """Return all rows but for what an export leaves out: who wrote them where they do not say, and mem0's `hash`."""
    return {
        each: (row.stored.text, row.stored.user_id, row.stored.metadata, row.stored.created_at, row.vector)
        for each, row in carried(there).items()
    }
