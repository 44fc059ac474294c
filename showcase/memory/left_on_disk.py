"""In which files of a store words still stand, whatever its databases say of them."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.evidence.fact import Fact
from showcase.memory.presence import remains

if TYPE_CHECKING:
    from collections.abc import Iterable

    from showcase.settings.store_place import StorePlace

CHAT = "chat"
"""Where in mem0's directory of a store the lines lie that were typed in chats."""

_PIECE = 1024 * 1024
_LOOKED_FOR = 64
"""Bytes of a text, of its beginning: a longer one may be cut in pieces by SQLite, which keeps it in pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOnDisk(Fact):
    """Where bytes of what was deleted stay.

    Attributes:
        files: Those of the store that keep them until something else is written over them.
        typed: What the user typed in chats, where it is kept: a plain file, which nothing overwrites.
    """

    files: tuple[Path, ...]
    typed: Path | None


def typed_lines(place: StorePlace, user_id: str) -> Path:
    """Return where a user's lines in chats are kept: in mem0's directory of the store, so that they go with it."""
    return place.home / CHAT / f"{hashlib.sha256(user_id.encode(errors='surrogatepass')).hexdigest()[:32]}.history"


def left_on_disk(place: StorePlace, user_id: str, texts: Iterable[str]) -> LeftOnDisk:
    """Return the files in which texts of a user may stand after they were deleted, or one begins as plain bytes.

    What is found is there. What is not found may be there all the same: split over two pages, or as a vector.
    """
    texts = tuple(texts)
    # prompt_toolkit's `FileHistory` begins each line of an entry with `+`.
    forms = (form for text in texts for form in (text, text.replace("\n", "\n+")))
    wanted = {form.encode(errors="replace")[:_LOOKED_FOR] for form in forms} - {b""}
    files = {path for part in (place.chroma, place.home) for path in part.rglob("*") if path.is_file()}
    lines = typed_lines(place, user_id)
    found = {path for path in files if wanted and _holds(path, wanted)} | set(remains(place))
    return LeftOnDisk(files=tuple(sorted(found - {lines})), typed=lines if lines.is_file() else None)


def of_typed(path: object) -> str:
    """Return what is said of the lines that were typed."""
    return f"what was typed in chats stands in {path}, a plain file that nothing overwrites: remove it to be rid of it"


def _holds(path: Path, wanted: Iterable[bytes]) -> bool:
    with suppress(OSError), path.open("rb") as file:
        before = b""
        while piece := file.read(_PIECE):
            seen = before + piece
            if any(text in seen for text in wanted):
                return True
            before = seen[-_LOOKED_FOR:]
    return False
