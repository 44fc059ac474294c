"""A store that is converted is the old one or the new one, whole, at whatever moment it is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kept_stores import LAYOUTS, MODEL, OF_TWO, everything, made, put, row, typed, vector
from killed_writer import NEW_MODEL, embed

from showcase.errors import StoreError
from showcase.evidence import Model
from showcase.memory import conversion, history, moving, reembedding, store_record
from showcase.memory.backends.opening import look
from showcase.memory.collections import Collections
from showcase.memory.history import HistoryEvent

if TYPE_CHECKING:
    from showcase.memory.store_record import Layout
    from showcase.settings.store_place import StorePlace

RAW = "showcase.memory.raw_rows:write"
DECIDED = "showcase.memory.decision_file:Destination.write"
DROP = "showcase.memory.chroma_client:ChromaClient.drop"
RENAME = "showcase.memory.chroma_client:ChromaClient.rename"
RECORD = "showcase.memory.store_record:write"
MOMENTS = [
    (RAW, "before", 1), (RAW, "after", 1), (RAW, "after", 2), (DECIDED, "before", 1), (DECIDED, "after", 1),
    (DROP, "before", 1), (DROP, "after", 1), (RENAME, "before", 1), (RENAME, "after", 1),
    ("showcase.memory.conversion:shutil.rmtree", "before", 1), (RECORD, "before", 1), (RECORD, "after", 1),
]  # fmt: skip


def other(layout: Layout) -> Layout:
    return "per-user" if layout == "shared" else "shared"


def killed_at(place: StorePlace, what: str, moment: tuple[str, str, int]) -> None:
    where, when, nth = moment
    script = Path(__file__).parents[1] / "killed_writer.py"
    done = subprocess.run(
        [sys.executable, str(script), str(place.root), what, where, when, str(nth)],
        capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "PYTHONPATH": str(script.parent)},
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, f"it was to be ended at {moment}: {done.stderr}"


def broken_off(place: StorePlace) -> None:
    """Make vectors anew, row by row, until the server breaks off at the last."""

    def breaks(texts: list[str]) -> list[list[float]]:
        if "I drink tea" in texts:
            raise RuntimeError("the server broke off")
        return embed(texts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reembedding, "BATCH", 1)
        with pytest.raises(RuntimeError):
            reembedding.reembed(look(place), NEW_MODEL, breaks, progress=lambda *_: None)


def collections_of(place: StorePlace) -> set[str]:
    with Collections(place, "shared") as rows:
        return set(rows.names())


@pytest.mark.parametrize("before", LAYOUTS)
def test_a_move_loses_nothing_and_one_back_neither(tmp_path: Path, before: Layout) -> None:
    place = made(tmp_path / "s", before)
    events = [HistoryEvent(id="e1", memory_id=OF_TWO[0].memory_id, new_memory="I live in Turin", event="ADD")]
    history.keep(place, events)
    held = everything(place, before)
    assert len(held) == len(OF_TWO)
    for layout in (other(before), before):
        moved = moving.move(look(place), layout, embed_model=None, progress=lambda *_: None)
        assert (moved.rows, moved.users) == (4, 2)
        kept = look(place)
        assert kept.layout == layout
        assert kept.record is not None
        assert kept.record.embed_model == MODEL
        assert everything(place, layout) == held
        with Collections(place, layout) as rows:
            assert list(rows.rows("alice")) == list(OF_TWO[:3]), "in the order in which they were stored"
            assert rows.search("bob", vector("I drink tea"), at_most=1)[0].row == OF_TWO[3]
        assert history.events(place, [OF_TWO[0].memory_id]) == {OF_TWO[0].memory_id: tuple(events)}
        assert len(collections_of(place)) == (1 if layout == "shared" else 2), "nothing of the old one is left"


def test_what_is_converted_already_stays_as_it_is(tmp_path: Path) -> None:
    place = made(tmp_path / "s", "per-user")
    names = collections_of(place)
    moved = moving.move(look(place), "per-user", embed_model=None, progress=lambda *_: None)
    assert moved.before == moved.after
    assert collections_of(place) == names


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
@pytest.mark.parametrize(
    "moment", MOMENTS, ids=lambda moment: f"{moment[0].rpartition(':')[2]}-{moment[1]}-{moment[2]}"
)
@pytest.mark.parametrize("before", LAYOUTS)
def test_a_move_that_is_killed_leaves_the_old_store_or_the_new(
    tmp_path: Path, before: Layout, moment: tuple[str, str, int]
) -> None:
    place = made(tmp_path / "s", before)
    held = everything(place, before)
    killed_at(place, other(before), moment)
    half = conversion.path_of(place).exists()
    if half:
        with pytest.raises(StoreError, match="was interrupted") as said:
            store_record.read(place)  # as `showcase run` reads it, which finishes nothing
        assert f"showcase memories move --layout {other(before)} " in said.value.hint
    kept = look(place)
    assert everything(place, kept.layout) == held
    assert not conversion.path_of(place).exists()
    # And from there it goes on.
    moving.move(look(place), other(before), embed_model=None, progress=lambda *_: None)
    assert everything(place, other(before)) == held
    assert len(collections_of(place)) == (1 if other(before) == "shared" else 2)


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
@pytest.mark.parametrize(
    "moment", MOMENTS, ids=lambda moment: f"{moment[0].rpartition(':')[2]}-{moment[1]}-{moment[2]}"
)
def test_vectors_that_are_made_anew_are_all_old_or_all_new_and_are_not_made_twice(
    tmp_path: Path, moment: tuple[str, str, int]
) -> None:
    place = made(tmp_path / "s", "per-user")
    killed_at(place, "reembed", moment)
    kept = look(place)
    assert kept.record is not None
    lengths = {len(numbers) for _, numbers in everything(place, "per-user").values()}
    assert lengths == {kept.record.dimensions}
    asked: list[str] = []

    def listening(texts: list[str]) -> list[list[float]]:
        asked.extend(texts)
        return embed(texts)

    done = reembedding.reembed(look(place), NEW_MODEL, listening, progress=lambda *_: None)
    after = everything(place, "per-user")
    assert {each.memory_id: each for each, _ in after.values()} == {each.memory_id: each for each in OF_TWO}
    for each, numbers in after.values():
        assert numbers == pytest.approx(vector(each.text, 16), abs=1e-6)
    if kept.record.dimensions == 8:
        assert len(asked) == len(OF_TWO) - done.resumed, "what was made before is not asked for again"
    assert len(collections_of(place)) == 2


@pytest.mark.parametrize("layout", LAYOUTS)
def test_another_model_makes_the_vectors_and_only_it_is_taken_after(tmp_path: Path, layout: Layout) -> None:
    place = made(tmp_path / "s", layout)
    done = reembedding.reembed(look(place), NEW_MODEL, embed, progress=lambda *_: None)
    assert (done.rows, done.resumed) == (4, 0)
    record = look(place).record
    assert record is not None
    assert (record.embed_model, record.dimensions, record.layout) == (NEW_MODEL.name, 16, layout)
    with pytest.raises(StoreError):
        store_record.check_model(record, Model(name=MODEL, digest=None, dimensions=8, remote=False), place)
    with Collections(place, layout) as rows:
        assert rows.search("bob", vector("I drink tea", 16), at_most=1)[0].row == OF_TWO[3]
        assert list(rows.rows("alice")) == list(OF_TWO[:3])


def test_the_old_vectors_are_in_force_until_all_new_ones_are_there(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    held = everything(place, "shared")
    broken_off(place)
    assert everything(place, "shared") == held
    assert look(place).record == store_record.read(place)
    assert reembedding.reembed(look(place), NEW_MODEL, embed, progress=lambda *_: None).resumed == 3


def test_what_is_forgotten_is_forgotten_in_an_unfinished_conversion_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = made(tmp_path / "s")
    broken_off(place)
    turin = OF_TWO[0].memory_id
    assert typed(capsys, "forget", turin, "--store", place.root, "--user-id", "alice", "--yes").status == 0
    with Collections(place, "shared") as rows:
        for name in rows.names():
            assert turin not in rows.opened().get_collection(name, embedding_function=None).get()["ids"], name


def test_what_was_made_for_another_text_or_by_another_model_is_not_taken(tmp_path: Path) -> None:
    place = made(tmp_path / "s")

    def breaks(texts: list[str]) -> list[list[float]]:
        if "I drink tea" in texts:
            raise RuntimeError("the server broke off")
        return [vector("wrong", 16) for _ in texts]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reembedding, "BATCH", 1)
        with pytest.raises(RuntimeError):
            reembedding.reembed(look(place), NEW_MODEL, breaks, progress=lambda *_: None)
        put(place, "shared", [row("I live in Oslo now", memory_id=OF_TWO[0].memory_id)])
        with pytest.raises(RuntimeError):
            reembedding.reembed(look(place), NEW_MODEL, breaks, progress=lambda *_: None)
    stranger = Model(name="c-model", digest=None, dimensions=16, remote=False)
    done = reembedding.reembed(look(place), stranger, embed, progress=lambda *_: None)
    assert done.resumed == 0
    for each, numbers in everything(place, "shared").values():
        assert numbers == pytest.approx(vector(each.text, 16), abs=1e-6)


def test_a_row_that_changes_while_vectors_are_made_is_made_again(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    first = True

    def meanwhile(texts: list[str]) -> list[list[float]]:
        nonlocal first
        if first:
            first = False
            put(place, "shared", [row("I live in Oslo now", memory_id=OF_TWO[0].memory_id), row("and I ski")])
        return embed(texts)

    reembedding.reembed(look(place), NEW_MODEL, meanwhile, progress=lambda *_: None)
    after = everything(place, "shared")
    assert {each.text for each, _ in after.values()} >= {"I live in Oslo now", "and I ski"}
    for each, numbers in after.values():
        assert numbers == pytest.approx(vector(each.text, 16), abs=1e-6)
