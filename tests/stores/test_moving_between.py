"""The memories of one store come into another of any engine to the last bit; what would not is told before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kept_stores import MODEL
from moved_rows import EVENTS, carried, moved, plant, rows
from moving_places import KINDS, Somewhere, is_raw, raw, somewhere

from showcase.memory import history
from showcase.memory.migration.interface import canonical

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _data_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is kept on this machine beside a server's rows goes there."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def source(request: pytest.FixtureRequest, tmp_path: Path, collection: str) -> Somewhere:
    return somewhere(request, request.param, tmp_path / "source", f"{collection}_s")


@pytest.fixture
def target(request: pytest.FixtureRequest, tmp_path: Path, collection: str) -> Somewhere:
    return somewhere(request, request.param, tmp_path / "target", f"{collection}_t")


@pytest.mark.parametrize("target", KINDS, indirect=True)
@pytest.mark.parametrize("source", KINDS, indirect=True)
def test_every_row_of_every_odd_kind_comes_to_the_last_bit(source: Somewhere, target: Somewhere) -> None:
    planted = rows(nobodys="per-user" not in (source.kind, target.kind))
    wanted = {each.memory_id: each for each in planted}
    plant(source, planted, EVENTS)
    made, copied = moved(source, target)
    assert (made.new, copied.written, copied.compared) == (len(planted), len(planted), len(planted))
    assert (made.users.get(None, 0), copied.changed, copied.events) == (
        2 * ("per-user" not in (source.kind, target.kind)),
        0,
        3,
    )
    for there in (source, target):
        found = carried(there)
        assert {each: row.digest for each, row in found.items()} == {each: row.digest for each, row in wanted.items()}
        if is_raw(there.kind):
            for memory_id, (beside, vector) in raw(there).items():
                assert canonical(beside) == canonical(wanted[memory_id].beside)
                assert vector == wanted[memory_id].vector
            assert raw(there).keys() == wanted.keys()
    assert history.everything(target.place) == EVENTS
    record = target.kept().record
    assert record is not None
    assert (record.embed_model, record.embed_digest, record.layout) == (MODEL, "d" * 64, target.layout)
    again = moved(source, target)
    assert (again[0].same, again[1].written, again[1].passes) == (len(planted), 0, 1), "what is there is left"
