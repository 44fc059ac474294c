"""Whatever Chroma calls it: where the disk is full, that is said, and nobody is told to give the store up."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest

from showcase.memory.store_errors import as_store_error

if TYPE_CHECKING:
    from pathlib import Path


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    "words",
    [
        "Failed to apply logs to the metadata segment",
        "Error executing plan: Internal error: Error finding id",
        "database disk image is malformed",
    ],
)
def test_a_full_disk_is_called_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    import chromadb.errors  # noqa: PLC0415 - heavy

    error = chromadb.errors.InternalError(words)
    before = as_store_error(error, tmp_path, None)
    assert before is not None
    assert "is full" not in before.message
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1 << 20, 1 << 20, 4096))
    after = as_store_error(error, tmp_path, None)
    assert after is not None
    assert "is full" in after.message
    assert "begin a new one" not in after.hint
