"""A store remembers which embedding model made it, and refuses another with the way out."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from kept_stores import MODEL, made, record

from showcase.errors import StoreError, UsageError
from showcase.evidence import Model
from showcase.memory import store_record
from showcase.memory.backends.opening import look
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from pathlib import Path


def model(**changes: Any) -> Model:
    return Model(**{"name": MODEL, "digest": None, "dimensions": 8, "remote": False, **changes})


def test_what_is_written_is_read_back_and_is_its_owners_alone(tmp_path: Path) -> None:
    place = store_place(tmp_path)
    store_record.write(place, record("per-user", embed_digest="abc"))
    assert store_record.read(place) == record("per-user", embed_digest="abc")
    if os.name == "posix":
        assert stat.S_IMODE(store_record.path_of(place).stat().st_mode) == 0o600


def test_a_store_that_says_nothing_has_no_record(tmp_path: Path) -> None:
    assert store_record.read(store_place(tmp_path)) is None
    assert look(store_place(tmp_path)).layout == "shared"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 2}, "another version"),
        ({"format": "something else"}, "no record of a store"),
        ({"dimensions": "8"}, "not as they should be"),
        ({"layout": "both"}, "not as they should be"),
        ({"odd": 1}, "not as they should be"),
    ],
)
def test_a_record_that_is_not_one_is_refused_with_what_to_do(
    tmp_path: Path, change: dict[str, object], says: str
) -> None:
    place = store_place(tmp_path)
    store_record.write(place, record())
    path = store_record.path_of(place)
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **change}), encoding="utf-8")
    with pytest.raises(StoreError, match=says) as refused:
        look(place)
    assert refused.value.hint


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b'{"format": 1, "format": 2}', b" " * 70_000])
def test_a_record_that_is_no_json_is_refused(tmp_path: Path, data: bytes) -> None:
    place = store_place(tmp_path)
    store_record.write(place, record())
    store_record.path_of(place).write_bytes(data)
    with pytest.raises(StoreError, match=r"cannot be (used|read)"):
        look(place)


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        (record(), model(name="other:latest"), "made with the embedding model a-model:latest"),
        (record(), model(dimensions=16), "vectors of 8 dimensions"),
        (record(embed_digest="a" * 64), model(digest="b" * 64), "another model of the name"),
    ],
)
def test_another_model_is_refused_with_the_command_that_makes_the_vectors_anew(
    tmp_path: Path, before: store_record.StoreRecord, now: Model, says: str
) -> None:
    place = store_place(tmp_path)
    with pytest.raises(StoreError, match=says) as refused:
        store_record.check_model(before, now, place)
    assert f"showcase memories reembed --store {place.root} --embed-model {now.name}" in refused.value.hint


def test_the_same_model_passes_and_its_digest_is_learned(tmp_path: Path) -> None:
    place = store_place(tmp_path)
    assert store_record.check_model(record(), model(digest="c"), place) == record(embed_digest="c")
    assert store_record.check_model(record(), model(name="A-Model"), place) == record(), "as Ollama reads a name"


def test_mem0_by_itself_is_kept_off_a_store_of_one_collection_a_user(tmp_path: Path) -> None:
    place = store_place(tmp_path)
    store_record.remember(place, model())
    store_record.remember(place, model())
    store_record.write(place, replace(record(), layout="per-user"))
    with pytest.raises(StoreError) as refused:
        store_record.remember(place, model())
    assert "showcase memories move" in refused.value.hint


def test_another_layout_than_the_store_has_is_refused_with_the_command(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "per-user")
    assert look(place).layout == look(place, "per-user").layout == "per-user"
    with pytest.raises(UsageError) as refused:
        look(place, "shared")
    assert f"showcase memories move --layout shared --store {place.root}" in refused.value.hint


def test_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="is no directory"):
        look(store_place(tmp_path / "file"))


def test_the_half_that_chroma_keeps_is_not_taken_for_the_store(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "per-user")
    with pytest.raises(UsageError) as refused:
        look(store_place(place.chroma))
    assert f"--store {place.root}" in refused.value.hint
