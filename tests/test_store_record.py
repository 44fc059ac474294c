"""What a store remembers of itself is read again as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.evidence import Model
from showcase.memory import store_record
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from pathlib import Path


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    place = store_place(tmp_path)
    record = store_record.made_by(Model(name="m", digest="d" * 64, dimensions=256, remote=False), layout="per-user")
    store_record.write(place, record)
    assert store_record.read(place) == record
