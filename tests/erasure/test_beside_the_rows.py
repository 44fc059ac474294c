"""What mem0 keeps beside its rows: what it found named in them; and copies that a killed process left."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chromadb import AdminClient
from erased import erased, holding, rows_of
from kept_stores import everything, made, row, vector

from showcase.documents import leftovers
from showcase.errors import StoreError
from showcase.memory.chroma_client import ChromaClient, forget_opened
from showcase.memory.left_on_disk import typed_lines

if TYPE_CHECKING:
    from showcase.settings.store_place import StorePlace

FIRST, SECOND = row("I met Quillfeather in Szczecin"), row("I drink tea with Marmaduke")
OTHERS = row("I met Quillfeather too", "bob")
ENTITIES = "mem0_entities"


def _entities(place: StorePlace) -> dict[str, list[str]]:
    """Return the ids of what is named, with the memories that name it."""
    try:
        with ChromaClient(place) as client:
            answer = client.opened().get_collection(ENTITIES, embedding_function=None).get(include=["metadatas"])
            return {
                str(each): sorted(held["linked_memory_ids"])
                for each, held in zip(answer["ids"], answer["metadatas"], strict=True)
            }
    finally:
        forget_opened()


def _made(root: Path) -> StorePlace:
    place = made(root, "shared", [FIRST, SECOND, OTHERS])
    named = {
        "szczecin": ("alice", "Szczecin", [FIRST.memory_id]),
        "both": ("alice", "Poland", [FIRST.memory_id, SECOND.memory_id]),
        "marmaduke": ("alice", "Marmaduke", [SECOND.memory_id]),
        "his": ("bob", "Quillfeather", [OTHERS.memory_id]),
    }
    with ChromaClient(place) as client:
        collection = client.opened().create_collection(ENTITIES, embedding_function=None)
        for each, (user_id, text, linked) in named.items():
            collection.add(
                ids=[each],
                embeddings=[vector(text)],
                metadatas=[{"data": text, "user_id": user_id, "linked_memory_ids": linked}],
            )
    forget_opened()
    return place


def test_what_a_forgotten_memory_alone_named_goes_and_links_to_it_go_from_the_rest(tmp_path: Path) -> None:
    place = _made(tmp_path / "s")
    _, found = erased(place, [FIRST.memory_id])
    assert found.status == "upheld", found.reason
    assert _entities(place) == {
        "both": [SECOND.memory_id],
        "marmaduke": [SECOND.memory_id],
        "his": [OTHERS.memory_id],
    }
    assert not holding(place.root, FIRST.memory_id.encode())
    assert not holding(place.root / "mem0_chroma", b"Szczecin")


def test_with_everything_all_that_a_user_named_goes_and_nothing_of_another(tmp_path: Path) -> None:
    place = _made(tmp_path / "s")
    _, found = erased(place, [FIRST.memory_id, SECOND.memory_id], everything=True)
    assert found.status == "upheld", found.reason
    assert _entities(place) == {"his": [OTHERS.memory_id]}
    assert not holding(place.root / "mem0_chroma", [b"Marmaduke", b"Szczecin", b"Poland"])


def test_copies_that_a_killed_process_left_are_written_over_before_they_go(tmp_path: Path) -> None:
    """Seen by another name of the file, which shows what was written to it."""
    place = made(tmp_path / "s", "shared", [FIRST, OTHERS])
    make = "from showcase.documents import leftovers; print(leftovers.make('showcase-control-'))"
    left = Path(subprocess.run([sys.executable, "-c", make], capture_output=True, text=True, check=True).stdout.strip())
    assert left.parent == Path(tempfile.gettempdir())
    copy = left / "0-chroma.sqlite3"
    copy.write_bytes(FIRST.text.encode())
    with copy.open("rb") as held:
        _, found = erased(place, [FIRST.memory_id])
        assert set(held.read()) == {0}
    assert found.status == "upheld", found.reason
    assert not left.exists()
    assert leftovers.is_marked(left.name)


def test_a_long_text_that_repeats_itself_takes_no_longer_than_others(tmp_path: Path) -> None:
    """It fits itself at each of three thousand places of each of its copies."""
    repeated = row("I like tea and toast. " * 3200)
    place = made(tmp_path / "s", "shared", [repeated, OTHERS])
    _, found = erased(place, [repeated.memory_id])
    assert found.status == "upheld", found.reason
    assert not holding(place.root, b"tea and toast")


def test_what_was_typed_of_it_in_other_words_goes_and_what_another_typed_stays(tmp_path: Path) -> None:
    """A command that was typed holds a part of the memory, too short to be a fragment of it."""
    place = made(tmp_path / "s", "shared", [FIRST, SECOND, OTHERS])
    own, his = typed_lines(place, "alice"), typed_lines(place, "bob")
    own.parent.mkdir()
    own.write_text("\n# 1\n+/memory szczecin\n\n# 2\n+hello there\n", encoding="utf-8")
    his.write_text("\n# 1\n+Marmaduke was here\n", encoding="utf-8")
    _, found = erased(place, [FIRST.memory_id])
    assert found.status == "upheld", found.reason
    assert own.read_text(encoding="utf-8") == "\n# 2\n+hello there\n"
    assert his.read_text(encoding="utf-8") == "\n# 1\n+Marmaduke was here\n"
    _, found = erased(place, [SECOND.memory_id])
    assert found.status == "upheld", "bob's word is bob's"
    assert his.read_text(encoding="utf-8") == "\n# 1\n+Marmaduke was here\n"


@pytest.mark.parametrize("what", ["rows with a URI", "collections of another database or tenant"])
def test_what_would_not_be_copied_is_refused_before_anything_goes(tmp_path: Path, what: str) -> None:
    place = made(tmp_path / "s", "shared", [FIRST, OTHERS])
    with ChromaClient(place) as client:
        if what.startswith("rows"):
            collection = client.opened().create_collection("pictures", embedding_function=None)
            collection.add(ids=["p"], embeddings=[vector("p")], uris=["file:///p.png"])
        else:
            admin = AdminClient(client.opened().get_settings())
            admin.create_database("elsewhere")
            client.opened().set_database("elsewhere")
            client.opened().create_collection("theirs", embedding_function=None)
    forget_opened()
    before = everything(place, "shared")
    with pytest.raises(StoreError, match=what):
        erased(place, [FIRST.memory_id])
    assert everything(place, "shared") == before
    assert not (place.home / "showcase-erasure").exists()


def test_a_collection_of_another_program_keeps_the_function_that_it_names(tmp_path: Path) -> None:
    """Chroma opens it by that name; one that is copied without it would be told to be of another kind."""
    place = made(tmp_path / "s", "shared", [FIRST, OTHERS])
    query = "SELECT config_json_str, schema_str FROM collections WHERE name = 'theirs'"
    with ChromaClient(place) as client:
        collection = client.opened().create_collection("theirs", metadata={"hnsw:space": "cosine"})
        collection.add(ids=["x"], embeddings=[vector("x")], documents=["what they wrote"])
    forget_opened()
    before = rows_of(place.chroma / "chroma.sqlite3", query)
    assert "default" in before[0][1], "else this shows nothing"
    _, found = erased(place, [FIRST.memory_id])
    assert found.status == "upheld", found.reason
    after = rows_of(place.chroma / "chroma.sqlite3", query)
    assert [[json.loads(each) for each in row] for row in after] == [
        [json.loads(each) for each in row] for row in before
    ]
