"""Both backends against a real server of the protocol, in both layouts; and what another process did is seen."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from kept_stores import LAYOUTS

from showcase.engines.discovery import choose_embedding
from showcase.engines.everyday import Opened
from showcase.errors import StoreError, UsageError
from showcase.evidence import Message
from showcase.memory import store_record
from showcase.memory.backends.chroma_backend import row_id
from showcase.memory.backends.interface import BACKENDS
from showcase.memory.backends.opening import look, opened
from showcase.memory.stored import Stored, to_metadata
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.engines.ollama import OllamaGate
    from showcase.memory.backends.interface import Backend, BackendName
    from showcase.memory.store_record import Layout

each_way = [
    pytest.mark.parametrize("name", BACKENDS),
    pytest.mark.parametrize("layout", LAYOUTS),
]


@contextmanager
def backend(gate: OllamaGate, root: Path, name: BackendName, layout: Layout) -> Iterator[Backend]:
    there = Opened(gate=gate, embed_model=choose_embedding(gate, embed=None), chat_model=None, kind="rehearsal")
    with opened(look(store_place(root), layout), there, name=name, limit_s=60) as found:
        yield found


def said(text: str) -> list[Message]:
    return [Message(role="user", content=text), Message(role="assistant", content="I am only a reply")]


def both_ways(function: object) -> object:
    for mark in each_way:
        function = mark(function)  # type: ignore[operator]  # a mark takes any function
    return function


@both_ways
def test_what_is_added_is_found_again_by_its_user_alone(
    gate: OllamaGate, tmp_path: Path, name: BackendName, layout: Layout
) -> None:
    with backend(gate, tmp_path / "s", name, layout) as memory:
        changes = memory.add("alice", said("I live in Turin"), source="typed")
        memory.add("bob", said("I live in Oslo"), source="typed")
        assert [(change.event, change.text, change.by) for change in changes] == [("ADD", "I live in Turin", name)]
        found = memory.search("alice", "I live in Turin", at_most=5)
        assert [each.row.text for each in found] == ["I live in Turin"]
        assert found[0].cosine == pytest.approx(1, abs=1e-3)
        assert found[0].row.source == "typed"
        assert memory.search("carol", "I live in Turin", at_most=5) == ()
        assert memory.calls().chat == 0
        assert memory.calls().embed >= 3


@both_ways
def test_what_only_asks_is_kept_and_never_found(
    gate: OllamaGate, tmp_path: Path, name: BackendName, layout: Layout
) -> None:
    with backend(gate, tmp_path / "s", name, layout) as memory:
        (change,) = memory.add("alice", said("Where do I live?"), source="typed")
        assert memory.rows.row("alice", change.memory_id).question
        assert memory.search("alice", "Where do I live?", at_most=5) == ()
        memory.update("alice", change.memory_id, "I live in Turin")
        assert [each.row.text for each in memory.search("alice", "I live in Turin", at_most=5)] == ["I live in Turin"]
        memory.update("alice", change.memory_id, "Where do I live?")
        assert memory.search("alice", "Where do I live?", at_most=5) == ()


@both_ways
def test_a_row_is_changed_and_deleted_by_its_own_user_alone(
    gate: OllamaGate, tmp_path: Path, name: BackendName, layout: Layout
) -> None:
    with backend(gate, tmp_path / "s", name, layout) as memory:
        (change,) = memory.add("alice", said("I live in Turin"), source="typed")
        for act in (
            lambda: memory.update("bob", change.memory_id, "I live nowhere"),
            lambda: memory.delete("bob", change.memory_id),
        ):
            with pytest.raises(UsageError, match="has no memory"):
                act()
        updated = memory.update("alice", change.memory_id, "I live in Genoa")
        assert (updated.event, updated.old_text, updated.text) == ("UPDATE", "I live in Turin", "I live in Genoa")
        deleted = memory.delete("alice", change.memory_id)
        assert (deleted.event, deleted.text) == ("DELETE", "I live in Genoa")
        assert memory.rows.count("alice") == 0


def test_chroma_alone_keeps_a_repeat_once(gate: OllamaGate, tmp_path: Path) -> None:
    with backend(gate, tmp_path / "s", "chroma", "shared") as memory:
        memory.add("alice", said("I live in Turin"), source="typed")
        (again,) = memory.add("alice", said("I live in Turin"), source="typed")
        (bobs,) = memory.add("bob", said("I live in Turin"), source="typed")
        assert (again.event, bobs.event) == ("NONE", "ADD")
        assert memory.rows.count("alice") == 1


@both_ways
def test_a_search_sees_what_another_process_wrote_and_not_what_it_deleted(
    gate: OllamaGate, tmp_path: Path, name: BackendName, layout: Layout
) -> None:
    with backend(gate, tmp_path / "s", name, layout) as memory:
        memory.add("alice", said("I live in Turin"), source="typed")
        assert [each.row.text for each in memory.search("alice", "trains", at_most=5)] == ["I live in Turin"]
        elsewhere(tmp_path / "s", layout, "add", "I like trains", list(gate.embed("rehearsal-embed", "I like trains")))
        assert {each.row.text for each in memory.search("alice", "trains", at_most=5)} == {
            "I live in Turin", "I like trains",
        }  # fmt: skip
        elsewhere(tmp_path / "s", layout, "delete", "I live in Turin", [])
        assert [each.row.text for each in memory.search("alice", "trains", at_most=5)] == ["I like trains"]


@both_ways
def test_the_model_that_made_a_store_is_written_down_and_another_is_refused(
    gate: OllamaGate, tmp_path: Path, name: BackendName, layout: Layout
) -> None:
    place = store_place(tmp_path / "s")
    with backend(gate, place.root, name, layout) as memory:
        memory.add("alice", said("I live in Turin"), source="typed")
    record = store_record.read(place)
    assert record is not None
    assert (record.embed_model, record.dimensions, record.layout) == ("rehearsal-embed:latest", 256, layout)
    store_record.write(place, store_record.StoreRecord(
        embed_model="other", embed_digest=None, dimensions=256, layout=layout, created_at=record.created_at
    ))  # fmt: skip
    with (
        pytest.raises(StoreError, match="was made with the embedding model other"),
        backend(gate, place.root, name, layout),
    ):
        pass


def elsewhere(root: Path, layout: Layout, act: str, text: str, vector: list[float]) -> None:
    """Write to a store from another process, by Chroma alone."""
    subprocess.run([sys.executable, "-c", _ELSEWHERE, str(root), layout, act, text, repr(vector)], check=True)


_ELSEWHERE = """
import json, sys
from pathlib import Path
from showcase.memory.collections import Collections
from showcase.memory.stored import Stored, to_metadata
from showcase.memory.stored import Stored, to_metadata
from showcase.settings.store_place import store_place
root, layout, act, text, vector = sys.argv[1:]
with Collections(store_place(Path(root)), layout) as rows:
    if act == "add":
        row = Stored(memory_id="11111111-2222-3333-4444-555555555555", text=text, user_id="alice", source="typed")
        rows.put("alice", {row.memory_id: (to_metadata(row), json.loads(vector))})
    else:
        rows.delete("alice", [row.memory_id for row in rows.rows("alice") if row.text == text])
"""


def test_somebody_elses_row_with_the_id_of_these_words_stays(gate: OllamaGate, tmp_path: Path) -> None:
    """Whoever knows what another says could otherwise learn of it by a row of their own that goes."""
    with backend(gate, tmp_path / "s", "chroma", "shared") as memory:
        taken = row_id("alice", "I am in Turin")
        row = Stored(memory_id=taken, text="mine", user_id="bob")
        memory.rows.put("bob", {taken: (to_metadata(row), list(gate.embed("rehearsal-embed", "mine")))})
        [change] = memory.add("alice", said("I am in Turin"), source="typed")
        assert change.memory_id != taken
        assert [each.text for each in memory.rows.rows("bob")] == ["mine"]
