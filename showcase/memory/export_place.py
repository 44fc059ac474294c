"""Where an export may go: not into the store that it is of, and over nothing that is no export."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from showcase.documents import regular_file, strict_json
from showcase.documents.descriptors import DASH, own_descriptor
from showcase.errors import UsageError
from showcase.memory.export_file import FORMAT

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.settings.store_place import StorePlace

_HEADER_BYTES = 65_536


def check_place(named: Path, path: Path, place: StorePlace, *, replaces: bool) -> None:
    """Refuse a place where an export would destroy what is there.

    Args:
        named: What was typed.
        path: Where that is.
        place: The store.
        replaces: Whether any file may be replaced that lies outside of the store.

    Raises:
        UsageError: It lies in the store, or is a file that holds something else than an export.
    """
    if named == DASH or own_descriptor(named) is not None:
        return
    check_outside(named, path, place, what="an export")
    if replaces:
        return
    try:
        seen = path.stat()
    except (OSError, ValueError):
        return  # nothing is there, or writing says why it cannot be
    if stat.S_ISREG(seen.st_mode) and seen.st_size and not _is_export(path):
        raise UsageError(
            f"{named} is there, and is no export of memories: it would be gone",
            hint="name another file; or, to replace this one: the same command with --replace",
        )


def check_outside(named: Path, path: Path, place: StorePlace, *, what: str) -> None:
    """Refuse a place inside a store, for `what` is written there.

    Raises:
        UsageError: It lies in the store.
    """
    real = os.path.realpath(path)
    for directory in (place.root, place.chroma, place.home):
        inside = os.path.realpath(directory)
        if os.path.normcase(real).startswith(os.path.normcase(os.path.join(inside, ""))):  # noqa: PTH118 - with its last separator
            raise UsageError(
                f"{named} lies in the store {place.named}, where {what} would stand in its way",
                hint="name a file elsewhere",
            )


def _is_export(path: Path) -> bool:
    """Tell whether a file's first line is that of an export, of whatever version."""
    try:
        with os.fdopen(regular_file.opened(path.resolve()), "rb") as file:
            header = strict_json.parse(file.readline(_HEADER_BYTES))
    except (OSError, ValueError):
        return False
    return isinstance(header, dict) and header.get("format") == FORMAT
