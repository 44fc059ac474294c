"""A store that another process converts between a look and a write: nothing that is said to be stored is lost."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from kept_stores import DIMENSIONS, LAYOUTS, MODEL, OF_TWO, everything, made, record, row, vector
from killed_writer import NEW_MODEL, embed

from showcase.errors import StoreError
from showcase.evidence import Message, Model
from showcase.memory import importing, moving, reembedding, same_store, store_record
from showcase.memory.backends import opening
from showcase.memory.backends.opening import look
from showcase.memory.collections import Collections
from showcase.memory.export_file import dump
from showcase.memory.import_file import parse
from showcase.memory.same_store import alone
from showcase.memory.stored import to_metadata
from showcase.settings.store_place import StorePlace, store_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from showcase.engines.ollama import OllamaGate
    from showcase.memory.store_record import Layout

NEW = row("I own a boat")


def silent(*_: int) -> None:
    pass


def other(layout: Layout) -> Layout:
    return "per-user" if layout == "shared" else "shared"


def moved(place: StorePlace) -> None:
    kept = look(place)
    moving.move(kept, other(kept.layout), embed_model=None, progress=silent)


def reembedded(place: StorePlace) -> None:
    reembedding.reembed(look(place), NEW_MODEL, embed, progress=silent)


def opened_with(gate: OllamaGate, model: str = "rehearsal-embed") -> Any:
    from showcase.engines.discovery import choose_embedding  # noqa: PLC0415 - heavy
    from showcase.engines.everyday import Opened  # noqa: PLC0415 - heavy

    return Opened(gate=gate, embed_model=choose_embedding(gate, embed=model), chat_model=None, kind="rehearsal")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("write", ["put", "note", "delete"])
def test_what_was_converted_since_it_was_looked_at_is_not_written_to(
    tmp_path: Path, layout: Layout, write: str
) -> None:
    place = made(tmp_path / "s", layout)
    with Collections(place, layout) as rows:
        moved(place)
        held = everything(place, other(layout))
        names = set(rows.names())
        writes: dict[str, Callable[[], None]] = {
            "put": lambda: rows.put("alice", {NEW.memory_id: (to_metadata(NEW), vector(NEW.text))}),
            "note": lambda: rows.note("alice", {OF_TWO[0].memory_id: {"showcase_pinned": True}}),
            "delete": lambda: rows.delete("alice", [OF_TWO[0].memory_id]),
        }
        with pytest.raises(StoreError, match="was converted meanwhile") as refused:
            writes[write]()
        assert refused.value.hint == "the same command again"
        assert set(rows.names()) == names
    assert everything(place, other(layout)) == held


@pytest.mark.parametrize("backend", ["mem0", "chroma"])
@pytest.mark.parametrize("convert", [moved, reembedded])
def test_a_backend_is_not_opened_on_a_store_that_became_another(
    tmp_path: Path, gate: OllamaGate, backend: Any, convert: Callable[[StorePlace], None]
) -> None:
    server = opened_with(gate)
    place = store_place(tmp_path / "s")
    with opening.opened(look(place), server, name=backend, limit_s=60) as there:
        there.add("alice", [Message(role="user", content="I live in Turin")], source="typed")
    kept = look(place)
    convert(place)
    with (
        pytest.raises(StoreError, match="was converted meanwhile"),
        opening.opened(kept, server, name=backend, limit_s=60),
    ):
        pass


@pytest.mark.parametrize("backend", ["mem0", "chroma"])
def test_a_backend_that_is_open_neither_writes_nor_finds_by_the_old_layout(
    tmp_path: Path, gate: OllamaGate, backend: Any
) -> None:
    server = opened_with(gate)
    place = store_place(tmp_path / "s")
    with opening.opened(look(place), server, name=backend, limit_s=60) as there:
        there.add("alice", [Message(role="user", content="I live in Turin")], source="typed")
        there.close()  # as a chat that waits for its first turn
        moved(place)
        with pytest.raises(StoreError, match="was converted meanwhile"):
            there.search("alice", "Turin", at_most=3)
        with pytest.raises(StoreError, match="was converted meanwhile"):
            there.add("alice", [Message(role="user", content="I own a boat")], source="typed")
    with Collections(place, "per-user") as rows:
        assert "mem0" not in rows.names(), "no collection that nobody looks into was made"


@pytest.mark.parametrize(("convert", "module"), [(moved, moving), (reembedded, reembedding)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_written_until_a_conversion_has_the_lock_goes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: Layout, convert: Callable[[StorePlace], None], module: Any
) -> None:
    """The moment after all was copied, and before it is decided: whoever wrote then was lost."""
    place = made(tmp_path / "s", layout)

    @contextmanager
    def after_a_write(where: StorePlace) -> Iterator[None]:
        with Collections(place, layout) as rows:
            rows.put("alice", {NEW.memory_id: (to_metadata(NEW), vector(NEW.text))})
        with alone(where):
            yield

    monkeypatch.setattr(module, "alone", after_a_write)
    convert(place)
    assert NEW.memory_id in everything(place, look(place).layout)


HOLD = """
import sys, time
from pathlib import Path
from showcase.memory.same_store import alone
from showcase.settings.store_place import store_place
with alone(store_place(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_write_and_a_conversion_wait_for_whoever_holds_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = made(tmp_path / "s")
    held = everything(place, "shared")
    with (
        subprocess.Popen(
            [sys.executable, "-c", HOLD, str(place.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other_process,
        Collections(place, "shared") as rows,
    ):
        assert other_process.stdout is not None
        assert other_process.stdout.readline() == "held\n"
        monkeypatch.setattr(same_store, "PATIENCE_S", 0.2)
        told: list[str] = []
        rows.same.tell = told.append
        with pytest.raises(StoreError, match="another process has been writing"):
            rows.put("alice", {NEW.memory_id: (to_metadata(NEW), vector(NEW.text))})
        assert len(told) == 1
        assert "waiting for it" in told[0]
        rows.close()
        for convert in (moved, reembedded):
            with pytest.raises(StoreError, match="another process has been writing"):
                convert(place)
        assert everything(place, "shared") == held
        monkeypatch.setattr(same_store, "PATIENCE_S", 60)
        other_process.kill()  # the system lets go of what a killed process held
        other_process.wait()
        rows.put("alice", {NEW.memory_id: (to_metadata(NEW), vector(NEW.text))})
    assert NEW.memory_id in everything(place, "shared")


@pytest.mark.parametrize("convert", [moved, reembedded])
def test_an_import_that_took_its_time_is_refused_by_a_store_that_became_another(
    tmp_path: Path, convert: Callable[[StorePlace], None]
) -> None:
    source, place = made(tmp_path / "source", rows=[NEW]), made(tmp_path / "s")
    with Collections(source, "shared") as rows:
        _, data = dump(look(source), rows, user_id=None, vectors=True, progress=silent)
    header, incoming = parse(data, name="file")
    kept = look(place)
    with Collections(place, kept.layout) as rows:
        plan = importing.plan(kept, rows, header, incoming, name="file", replaces=False)
        rows.close()
        convert(place)
        with pytest.raises(StoreError, match="was converted meanwhile"):
            importing.apply(kept, rows, plan, None, silent)
    assert NEW.memory_id not in everything(place, look(place).layout)


@pytest.mark.parametrize("convert", [moved, reembedded])
def test_a_conversion_of_what_was_converted_meanwhile_is_refused(
    tmp_path: Path, convert: Callable[[StorePlace], None]
) -> None:
    place = made(tmp_path / "s")
    kept = look(place)
    convert(place)
    held = everything(place, look(place).layout)
    with pytest.raises(StoreError, match="was converted meanwhile"):
        moving.move(kept, "per-user", embed_model=None, progress=silent)
    with pytest.raises(StoreError, match="was converted meanwhile"):
        reembedding.reembed(kept, Model(name="c", digest=None, dimensions=4, remote=False), embed, progress=silent)
    assert everything(place, look(place).layout) == held


def test_a_store_is_begun_once_and_whoever_comes_second_agrees_or_is_refused(tmp_path: Path) -> None:
    place = store_place(tmp_path / "s")
    first = store_record.begin(place, record())
    assert store_record.begin(place, record(created_at="2026-05-05T00:00:00+00:00")) == first
    for another in (record("per-user"), record(embed_model="b"), record(dimensions=DIMENSIONS + 1)):
        with pytest.raises(StoreError, match="another process began the store"):
            store_record.begin(place, another)
    assert store_record.read(place) == first
    assert [path.name for path in place.home.iterdir()] == [store_record.RECORD]
    assert first.embed_model == MODEL
