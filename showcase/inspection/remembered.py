"""Which embedding model filled a store, by the file that this program leaves in it. It is read as anybody's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from showcase.documents.strict_json import parse
from showcase.inspection.facts import Remembered
from showcase.inspection.header import UnreadError, opened
from showcase.inspection.limits import CHARACTERS
from showcase.memory.store_record import FORMAT, VERSION
from showcase.memory.store_record import RECORD as FILE

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 64 * 1024
_LAYOUTS = ("shared", "per-user")
_MOST_DIMENSIONS = 1_000_000


def remembered(home: Path) -> tuple[Remembered | None, str]:
    """Return what the file says, or why it says nothing: one of the two."""
    try:
        data = _read(home / FILE)
    except FileNotFoundError:
        return None, f"not remembered: there is no {FILE}"
    except (OSError, UnreadError) as error:
        said = error.why if isinstance(error, UnreadError) else error.strerror or str(error)
        return None, f"not remembered: {FILE} cannot be read: {said}"
    try:
        return _checked(parse(data)), ""
    except ValueError as error:
        return None, f"not remembered: {FILE} is not as this program writes it: {error}"


def _read(path: Path) -> bytes:
    descriptor = opened(path)
    try:
        if os.fstat(descriptor).st_size > MOST_BYTES:
            raise UnreadError(f"it is larger than {MOST_BYTES // 1024} KiB")
        return os.read(descriptor, MOST_BYTES)
    finally:
        os.close(descriptor)


def _checked(document: Any) -> Remembered:  # noqa: ANN401 - any JSON value
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"its format is not {FORMAT!r}")
    version = document.get("version")
    if type(version) is not int or version != VERSION:
        raise ValueError(f"its version is not {VERSION}")
    layout, dimensions, digest = (document.get(key) for key in ("layout", "dimensions", "embed_digest"))
    if layout not in _LAYOUTS:
        raise ValueError("its layout is none that is known")
    if dimensions is not None and (type(dimensions) is not int or not 0 < dimensions <= _MOST_DIMENSIONS):
        raise ValueError("its dimensions are no number of numbers")
    return Remembered(
        embed_model=_text(document, "embed_model"),
        embed_digest=None if digest is None else _text(document, "embed_digest"),
        dimensions=dimensions,
        layout=layout,
        created_at=_text(document, "created_at"),
    )


def _text(document: dict[str, Any], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value or len(value) > CHARACTERS:
        raise ValueError(f"its {key} is no text of 1 to {CHARACTERS} characters")
    return value
