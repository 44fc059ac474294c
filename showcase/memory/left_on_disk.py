"""In which files of a store words still stand, whatever its databases say of them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from showcase.settings.store_place import StorePlace

_PIECE = 1024 * 1024
_LOOKED_FOR = 64
"""Bytes of a text, of its beginning: a longer one may be cut in pieces by SQLite, which keeps it in pages."""


def left_on_disk(place: StorePlace, texts: Iterable[str]) -> tuple[Path, ...]:
    """Return the files of a store in which one of these texts begins, as plain bytes in UTF-8.

    What is found is there. What is not found may be there all the same: split over two pages, or as a vector.
    """
    wanted = {text.encode(errors="replace")[:_LOOKED_FOR] for text in texts} - {b""}
    files = {path for part in (place.chroma, place.home) for path in part.rglob("*") if path.is_file()}
    return tuple(sorted(path for path in files if wanted and _holds(path, wanted)))


def _holds(path: Path, wanted: Iterable[bytes]) -> bool:
    with suppress(OSError), path.open("rb") as file:
        before = b""
        while piece := file.read(_PIECE):
            seen = before + piece
            if any(text in seen for text in wanted):
                return True
            before = seen[-_LOOKED_FOR:]
    return False
