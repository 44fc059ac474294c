"""What a collection's configuration says, read as data: the name of its function, and how its distances are measured.

Chroma would build the function that is named there. Here it is a word.
"""

from __future__ import annotations

from typing import Any

from showcase.documents.strict_json import parse
from showcase.inspection.limits import CHARACTERS, DOCUMENT_CHARACTERS

_MOST_VALUES = 20_000

LEGACY = "legacy"
"""What Chroma writes where a client brought its own vectors, or a function that has no name."""


def cut(value: object, length: object = None) -> str:
    """Return a text from a store, which may hold anything, short enough to be shown.

    Args:
        value: What was read, at most `CHARACTERS` of it.
        length: How long it is, where more of it may be there.
    """
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
    long = (isinstance(length, int) and length > CHARACTERS) or len(text) > CHARACTERS
    return f"{text[:CHARACTERS]}…" if long else text


def whole(value: object) -> int | None:
    """Return a number, None for what is none; numbers of writes were once eight bytes, the highest first."""
    if isinstance(value, bytes) and 0 < len(value) <= 8:  # noqa: PLR2004 - what one number takes
        return int.from_bytes(value, "big")
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def configured(text: object) -> tuple[str | None, str | None]:
    """Return the name of the embedding function and the space of a configuration, None for each that it does not tell.

    Args:
        text: JSON: Chroma's `config_json_str`, or its `schema_str`.
    """
    if not isinstance(text, str) or len(text) > DOCUMENT_CHARACTERS:
        return None, None
    try:
        document = parse(text.encode("utf-8", "replace"))
    except ValueError:
        return None, None
    # The schema's own entry for vectors before its defaults, which speak of vectors that nobody has.
    for place in (("keys", "#embedding"), ("vector_index",), ("hnsw_configuration",), ()):
        found = _inside(document, place)
        name, space = _first(found, "embedding_function"), _first(found, "space")
        if place == ("vector_index",) and name is None:
            name = _first(document, "embedding_function")
        if name is not None or space is not None:
            return _function(name), cut(space) if isinstance(space, str) else None
    return None, None


def _function(described: object) -> str | None:
    if isinstance(described, str):
        return cut(described)
    if not isinstance(described, dict):
        return None
    name, sort = described.get("name"), described.get("type")
    if isinstance(name, str):
        return cut(name)
    return cut(sort) if isinstance(sort, str) else None


def _inside(document: Any, place: tuple[str, ...]) -> Any:  # noqa: ANN401 - any JSON value
    for key in place:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _first(document: Any, key: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value of the first object that has the key, from the outermost on."""
    left, seen = [document], 0
    while left and seen < _MOST_VALUES:
        value = left.pop(0)
        seen += 1
        if isinstance(value, dict):
            if key in value:
                return value[key]
            left += value.values()
        elif isinstance(value, list):
            left += value
    return None
