"""What another program put into a store's database is left alone, and a conversion says where it stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kept_stores import LAYOUTS, OF_TWO, everything, made, row, typed, vector
from killed_writer import NEW_MODEL, embed

from showcase.errors import StoreError
from showcase.memory import conversion, moving, reembedding
from showcase.memory.backends.opening import look
from showcase.memory.collections import Collections
from showcase.memory.layouts import collection_name
from showcase.memory.stored import to_metadata

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.memory.store_record import Layout
    from showcase.settings.store_place import StorePlace

FOREIGN = ("new-articles", "user-profiles", "new-mem0x", f"user-{'0' * 32}", f"new-user-{'0' * 32}")


def silent(*_: int) -> None:
    pass


def other(layout: Layout) -> Layout:
    return "per-user" if layout == "shared" else "shared"


def plant(place: StorePlace, *names: str, **marks: Any) -> None:
    with Collections(place, "shared") as rows:
        for name in names:
            made_ = rows.opened().create_collection(name, embedding_function=None, metadata=marks or None)
            held = {"user_id": "mallory", "data": "of another program"}
            made_.add(ids=["a", OF_TWO[0].memory_id], embeddings=[[1.0, 0.0], [0.0, 1.0]], metadatas=[held, held])


def foreign(place: StorePlace) -> dict[str, list[str]]:
    with Collections(place, "shared") as rows:
        client = rows.opened()
        return {
            name: client.get_collection(name, embedding_function=None).get(include=[])["ids"]
            for name in rows.names()
            if name in FOREIGN
        }


@pytest.mark.parametrize("layout", LAYOUTS)
def test_collections_of_others_are_neither_read_nor_touched(
    tmp_path: Path, layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    place = made(tmp_path / "s", layout)
    held = everything(place, layout)
    plant(place, *FOREIGN)
    before = foreign(place)
    assert len(before) == len(FOREIGN)
    assert everything(place, layout) == held
    assert (
        typed(capsys, "forget", OF_TWO[0].memory_id, "--user-id", "alice", "--yes", "--store", place.root).status == 0
    )
    reembedding.reembed(look(place), NEW_MODEL, embed, progress=silent)
    moving.move(look(place), other(layout), embed_model=None, progress=silent)
    moving.move(look(place), layout, embed_model=None, progress=silent)
    assert foreign(place) == before
    assert everything(place, layout).keys() == held.keys() - {OF_TWO[0].memory_id}


@pytest.mark.parametrize("prefix", ["", conversion.NEW])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_move_stops_before_anything_is_changed_where_a_name_that_it_needs_is_taken(
    tmp_path: Path, layout: Layout, prefix: str
) -> None:
    place = made(tmp_path / "s", layout)
    held = everything(place, layout)
    plant(place, prefix + collection_name(other(layout), "bob"))
    with Collections(place, layout) as rows:
        names = rows.names()
    with pytest.raises(StoreError, match="whose name is needed") as refused:
        moving.move(look(place), other(layout), embed_model=None, progress=silent)
    assert "nothing was changed" in refused.value.hint
    assert not conversion.path_of(place).exists()
    with Collections(place, layout) as rows:
        assert rows.names() == names
    assert everything(place, look(place).layout) == held


def test_vectors_are_not_made_into_a_collection_of_others(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    plant(place, "new-mem0")
    with pytest.raises(StoreError, match="whose name is needed"):
        reembedding.reembed(look(place), NEW_MODEL, embed, progress=silent)
    with Collections(place, "shared") as rows:
        assert rows.opened().get_collection("new-mem0", embedding_function=None).count() == 2


@pytest.mark.parametrize("user_id", [7, True, 0.5, None])
def test_a_row_whose_user_is_no_text_is_nobodys_and_no_move_loses_it(tmp_path: Path, user_id: Any) -> None:
    place = made(tmp_path / "s")
    odd = row("nobody's")
    held = {name: value for name, value in {**to_metadata(odd), "user_id": user_id}.items() if value is not None}
    with Collections(place, "shared") as rows:
        rows.put("alice", {odd.memory_id: (held, vector("nobody's"))})
        assert rows.users() == {"alice": 3, "bob": 1, None: 1}
        assert odd.memory_id not in {each.memory_id for each in rows.rows(str(user_id))}
    with pytest.raises(StoreError, match="name no user"):
        moving.move(look(place), "per-user", embed_model=None, progress=silent)
    assert len(everything(place, "shared")) == 5
